// What the package and the sample use of Unity, so that they can be compiled where there is no editor. Nothing of it is ever run or shipped.
using System;

namespace UnityEngine
{
    public class Object
    {
    }

    public class MonoBehaviour : Object
    {
    }

    [AttributeUsage(AttributeTargets.Field)]
    public sealed class SerializeField : Attribute
    {
    }

    public static class Debug
    {
        public static void Log(object message)
        {
            throw new NotSupportedException();
        }

        public static void LogException(Exception exception)
        {
            throw new NotSupportedException();
        }
    }

    public static class JsonUtility
    {
        public static string ToJson(object body)
        {
            throw new NotSupportedException();
        }

        public static T FromJson<T>(string json)
        {
            throw new NotSupportedException();
        }
    }

    public enum NetworkReachability
    {
        NotReachable,
        ReachableViaCarrierDataNetwork,
        ReachableViaLocalAreaNetwork,
    }

    public static class Application
    {
        public static NetworkReachability internetReachability => throw new NotSupportedException();

        public static string version => throw new NotSupportedException();
    }

    public class AndroidJavaObject : IDisposable
    {
        public T Call<T>(string method, params object[] arguments)
        {
            throw new NotSupportedException();
        }

        public T CallStatic<T>(string method, params object[] arguments)
        {
            throw new NotSupportedException();
        }

        public T GetStatic<T>(string field)
        {
            throw new NotSupportedException();
        }

        public void Dispose()
        {
        }
    }

    public sealed class AndroidJavaClass : AndroidJavaObject
    {
        public AndroidJavaClass(string name)
        {
            throw new NotSupportedException(name);
        }
    }
}
