using System;

namespace Pitaya
{
    /// <summary>What payloads are written in.</summary>
    [Flags]
    public enum Serializer
    {
        /// <summary>Not settled.</summary>
        None = 0,
        /// <summary>JSON text.</summary>
        Json = 1,
        /// <summary>Protocol buffers.</summary>
        Protobuf = 2,
        /// <summary>Any of them.</summary>
        Any = Json | Protobuf,
    }

    /// <summary>Writes and reads bodies. Give one of your own in <see cref="PitayaOptions.Codec"/>.</summary>
    public interface ICodec
    {
        /// <summary>Which serializers the handshake may settle on.</summary>
        Serializer Serializers { get; }

        /// <summary>
        /// The body of a request or a notify. What it throws becomes the inner exception of a <see cref="NotSentException"/> with the code
        /// <c>encode</c>.
        /// </summary>
        byte[] Encode<T>(T body);

        /// <summary>
        /// The body of an answer or a push, which may be empty. What it throws becomes the inner exception of a <see cref="DecodeException"/>.
        /// </summary>
        T Decode<T>(byte[] body);
    }
}
