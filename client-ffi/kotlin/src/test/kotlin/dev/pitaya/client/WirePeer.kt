package dev.pitaya.client

import java.io.DataInputStream
import java.io.IOException
import java.net.ServerSocket
import java.net.Socket
import java.util.concurrent.ConcurrentLinkedQueue
import kotlin.concurrent.thread

// Packets (wire 4).
const val HANDSHAKE = 1
const val ACK = 2
const val DATA = 4
const val KICK = 5

/** The flags of a response with the error bit (wire 6.1). */
private const val ERROR_ANSWER = 0x24

val ACCEPTED = """{"code":200,"sys":{"heartbeat":60,"serializer":"json"}}""".encodeToByteArray()

fun packet(kind: Int, body: ByteArray): ByteArray =
    byteArrayOf(kind.toByte(), (body.size shr 16).toByte(), (body.size shr 8).toByte(), body.size.toByte()) + body

/** A peer that answers the handshake with given bytes, and gives others after the ack, and answers requests with an error. */
class WirePeer(
    private val response: ByteArray = ACCEPTED,
    private val afterAck: ByteArray = ByteArray(0),
    private val error: ByteArray = ByteArray(0),
) : AutoCloseable {
    private val server = ServerSocket(0)
    private val sockets = ConcurrentLinkedQueue<Socket>()
    val url = "tcp://127.0.0.1:${server.localPort}"

    init {
        thread(isDaemon = true) {
            try {
                while (true) server.accept().let { sockets += it; thread(isDaemon = true) { serve(it) } }
            } catch (_: IOException) {
                // Closed: the test is over.
            }
        }
    }

    private fun serve(socket: Socket) {
        try {
            val (input, output) = DataInputStream(socket.getInputStream()) to socket.getOutputStream()
            while (true) {
                val head = input.readInt()
                val body = ByteArray(head and 0xFFFFFF).also { input.readFully(it) }
                when (head ushr 24) {
                    HANDSHAKE -> output.write(packet(HANDSHAKE, response))
                    ACK -> output.write(afterAck)
                    // Ids are small here: one byte behind the flags.
                    DATA -> output.write(packet(DATA, byteArrayOf(ERROR_ANSWER.toByte(), body[1]) + error))
                }
            }
        } catch (_: IOException) {
            socket.close()
        }
    }

    override fun close() {
        server.close()
        sockets.forEach { it.close() }
    }
}
