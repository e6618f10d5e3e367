using System;

namespace Pitaya.Native
{
    /// <summary>Hands each push to a function, as the codec reads it.</summary>
    internal sealed class PushListener<T> : Listener
    {
        private readonly string _route;
        private readonly ICodec _codec;
        private readonly Action<T> _heard;

        internal PushListener(string route, ICodec codec, Action<T> heard)
        {
            _route = route;
            _codec = codec;
            _heard = heard;
        }

        internal override void Hear(byte[] body)
        {
            T read;
            try
            {
                read = _codec.Decode<T>(body);
            }
            catch (Exception error)
            {
                throw Reading.Unreadable(_route, error);
            }
            _heard(read);
        }

        internal override void End()
        {
        }
    }
}
