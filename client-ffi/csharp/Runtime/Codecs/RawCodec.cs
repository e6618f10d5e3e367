using System;

namespace Pitaya
{
    /// <summary>Bodies as <c>byte[]</c>, whatever the server's serializer is. They are handed on as they came.</summary>
    public sealed class RawCodec : ICodec
    {
        /// <inheritdoc/>
        public Serializer Serializers => Serializer.Any;

        /// <inheritdoc/>
        public byte[] Encode<T>(T body)
        {
            return body as byte[] ?? throw new ArgumentException("the codec RawCodec takes byte[], not " + typeof(T).Name);
        }

        /// <inheritdoc/>
        public T Decode<T>(byte[] body)
        {
            return body is T same ? same : throw new ArgumentException("the codec RawCodec gives byte[], not " + typeof(T).Name);
        }
    }
}
