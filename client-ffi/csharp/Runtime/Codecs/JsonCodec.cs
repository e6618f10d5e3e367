#if UNITY_5_3_OR_NEWER
using System.Text;
using UnityEngine;
#else
using System.IO;
using System.Runtime.Serialization.Json;
#endif

namespace Pitaya
{
    /// <summary>
    /// Bodies as JSON, with what the platform brings along: <c>JsonUtility</c> in Unity (serializable classes and structs with fields),
    /// <c>DataContractJsonSerializer</c> elsewhere (also dictionaries, lists and numbers; <c>[DataMember(Name = …)]</c> renames). An empty body
    /// is read as the type's default value.
    /// </summary>
    public sealed class JsonCodec : ICodec
    {
        /// <inheritdoc/>
        public Serializer Serializers => Serializer.Json;

#if UNITY_5_3_OR_NEWER
        /// <inheritdoc/>
        public byte[] Encode<T>(T body)
        {
            return Encoding.UTF8.GetBytes(JsonUtility.ToJson(body));
        }

        /// <inheritdoc/>
        public T Decode<T>(byte[] body)
        {
            return body.Length == 0 ? default(T) : JsonUtility.FromJson<T>(Encoding.UTF8.GetString(body));
        }
#else
        private static readonly DataContractJsonSerializerSettings Settings =
            new DataContractJsonSerializerSettings { UseSimpleDictionaryFormat = true };

        /// <inheritdoc/>
        public byte[] Encode<T>(T body)
        {
            using (var bytes = new MemoryStream())
            {
                new DataContractJsonSerializer(typeof(T), Settings).WriteObject(bytes, body);
                return bytes.ToArray();
            }
        }

        /// <inheritdoc/>
        public T Decode<T>(byte[] body)
        {
            if (body.Length == 0) return default(T);
            using (var bytes = new MemoryStream(body, false))
            {
                return (T)new DataContractJsonSerializer(typeof(T), Settings).ReadObject(bytes);
            }
        }
#endif
    }
}
