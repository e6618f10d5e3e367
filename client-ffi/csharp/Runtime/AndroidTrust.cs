#if UNITY_ANDROID && !UNITY_EDITOR
using UnityEngine;

namespace Pitaya
{
    /// <summary>
    /// Makes the system's trust known on Android. Without it <c>tls://</c> and <c>wss://</c> need <see cref="Tls.RootsPem"/>. The application also
    /// has to hold the classes of <c>rustls-platform-verifier</c>: see the package's README.
    /// </summary>
    public static class AndroidTrust
    {
        /// <summary>Call it once, on the main thread, before the first connection; more often is as good.</summary>
        /// <exception cref="InternalException">The system's trust cannot be used.</exception>
        public static void Install()
        {
            using (var player = new AndroidJavaClass("com.unity3d.player.UnityPlayer"))
            using (var activity = player.GetStatic<AndroidJavaObject>("currentActivity"))
            using (var context = activity.Call<AndroidJavaObject>("getApplicationContext"))
            using (var init = new AndroidJavaClass("dev.pitaya.client.AndroidInit"))
            {
                var failed = init.CallStatic<int>("init", context);
                if (failed != 0) throw new InternalException("the system's trust cannot be used: " + failed);
            }
        }
    }
}
#endif
