using System;
using System.Runtime.InteropServices;
using System.Text;

namespace Pitaya.Native
{
    /// <summary>Texts as the library takes and gives them.</summary>
    internal static class Utf8
    {
        /// <summary>Half of a pair of surrogates has no form in UTF-8, and is not silently changed into one.</summary>
        private static readonly UTF8Encoding Strict = new UTF8Encoding(false, true);

        private static readonly byte[] Nothing = new byte[0];

        /// <exception cref="EncoderFallbackException">The text has no form in UTF-8.</exception>
        internal static byte[] Write(string text)
        {
            return string.IsNullOrEmpty(text) ? Nothing : Strict.GetBytes(text);
        }

        internal static string Read(NativeBytes bytes)
        {
            return Read(bytes.Data, (int)bytes.Length);
        }

        internal static unsafe string Read(IntPtr data, int length)
        {
            return length == 0 ? "" : Encoding.UTF8.GetString((byte*)data, length);
        }

        /// <summary>A copy that lasts.</summary>
        internal static byte[] Copy(NativeBytes bytes)
        {
            var length = (int)bytes.Length;
            if (length == 0) return Nothing;
            var copy = new byte[length];
            Marshal.Copy(bytes.Data, copy, 0, length);
            return copy;
        }
    }
}
