using System;
using System.Collections.Generic;
using System.Runtime.InteropServices;

namespace Pitaya.Native
{
    /// <summary>Texts and bytes that stay where they are until this is disposed, so that the library can read them.</summary>
    internal sealed class Pinned : IDisposable
    {
        private readonly List<GCHandle> _handles = new List<GCHandle>();

        internal NativeBytes Text(string text)
        {
            return Bytes(Utf8.Write(text));
        }

        internal NativeBytes Lines(IEnumerable<string> lines)
        {
            return Text(lines == null ? "" : string.Join("\n", lines));
        }

        internal NativeBytes Bytes(byte[] bytes)
        {
            if (bytes == null || bytes.Length == 0) return default(NativeBytes);
            var handle = GCHandle.Alloc(bytes, GCHandleType.Pinned);
            _handles.Add(handle);
            return new NativeBytes { Data = handle.AddrOfPinnedObject(), Length = (UIntPtr)bytes.Length };
        }

        public void Dispose()
        {
            foreach (var handle in _handles) handle.Free();
            _handles.Clear();
        }
    }
}
