package dev.pitaya.client.bench

import dev.pitaya.client.PitayaClient
import kotlinx.coroutines.runBlocking
import kotlin.time.measureTime
import kotlin.time.DurationUnit.MICROSECONDS

/** The JVM compiles a method once it was called often. */
private const val WARM_UP = 20_000

/** The round trip of a request through coroutines, for `cargo xtask bench ffi`: `HOST PORT COUNT`. */
fun main(args: Array<String>): Unit = runBlocking {
    val (host, port, count) = args
    PitayaClient.connect("tcp://$host:$port").use { client ->
        suspend fun roundTrip() = measureTime { client.requestBytes("connector.getsessiondata") }.toDouble(MICROSECONDS)
        repeat(WARM_UP) { roundTrip() }
        val times = DoubleArray(count.toInt()) { roundTrip() }.apply { sort() }
        val (median, p99) = times[times.size / 2] to times[times.size * 99 / 100]
        println("""{"language":"kotlin","median_us":${"%.1f".format(median)},"p99_us":${"%.1f".format(p99)}}""")
    }
}
