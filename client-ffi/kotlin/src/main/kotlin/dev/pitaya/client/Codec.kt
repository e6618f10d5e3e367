package dev.pitaya.client

import java.lang.ref.WeakReference
import kotlinx.serialization.BinaryFormat
import kotlinx.serialization.DeserializationStrategy
import kotlinx.serialization.SerialFormat
import kotlinx.serialization.SerializationStrategy
import kotlinx.serialization.StringFormat
import kotlinx.serialization.builtins.serializer
import uniffi.pitaya.Client as NativeClient
import uniffi.pitaya.Serializer as NativeSerializer

/** How payloads become bytes, by the name that a handshake has for it. */
public enum class Serializer {
    /** JSON text, the default of servers. */
    Json,

    /** Protocol buffers. */
    Protobuf,
}

/** Writes and reads bodies with a format of kotlinx.serialization. */
internal class Codec(private val format: SerialFormat) {
    fun <T> encode(route: String, serializer: SerializationStrategy<T>, body: T): ByteArray = try {
        when (format) {
            is StringFormat -> format.encodeToString(serializer, body).encodeToByteArray(throwOnInvalidSequence = true)
            is BinaryFormat -> format.encodeToByteArray(serializer, body)
            else -> throw IllegalArgumentException("neither text nor bytes: $format")
        }
    } catch (error: Exception) {
        throw NotSentException("encode", "the body for $route cannot be written: ${error.message}", false, error)
    }

    /** Without a body, a text is `null`. What is read as [Unit] may be anything. */
    @Suppress("UNCHECKED_CAST")
    fun <T> decode(route: String, deserializer: DeserializationStrategy<T>, body: ByteArray): T = try {
        when {
            deserializer.descriptor == UNIT -> Unit as T
            format is StringFormat -> {
                val text = if (body.isEmpty()) "null" else body.decodeToString(throwOnInvalidSequence = true)
                format.decodeFromString(deserializer, text)
            }
            format is BinaryFormat -> format.decodeFromByteArray(deserializer, body)
            else -> throw IllegalArgumentException("neither text nor bytes: $format")
        }
    } catch (error: Exception) {
        throw DecodeException("$route has an unreadable body: ${error.message}", error)
    }

    private companion object {
        val UNIT = Unit.serializer().descriptor
    }
}

/** The codecs of a client, which they do not keep alive. */
internal class Codecs(private val codecs: Map<Serializer, Codec>, client: NativeClient) {
    private val client = WeakReference(client)

    /** The codec of the connection's serializer. Before that is known nothing can be sent, so that JSON will do. */
    fun current(): Codec {
        val name = client.get()?.serializer()?.toKotlin() ?: Serializer.Json
        return codecs[name] ?: error("no format for $name: set `protobuf`, or use the functions with bytes")
    }
}

internal fun NativeSerializer.toKotlin(): Serializer = when (this) {
    NativeSerializer.JSON -> Serializer.Json
    NativeSerializer.PROTOBUF -> Serializer.Protobuf
}
