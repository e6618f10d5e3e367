using System;
using System.Text;

namespace Pitaya.Tests
{
    /// <summary>Bodies as the JSON text that they are.</summary>
    internal sealed class TextCodec : ICodec
    {
        public Serializer Serializers => Serializer.Json;

        public byte[] Encode<T>(T body)
        {
            return Encoding.UTF8.GetBytes((string)(object)body);
        }

        public T Decode<T>(byte[] body)
        {
            return (T)(object)Encoding.UTF8.GetString(body);
        }
    }
}
