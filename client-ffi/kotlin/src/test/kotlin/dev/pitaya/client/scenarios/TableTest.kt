package dev.pitaya.client.scenarios

import dev.pitaya.client.REPOSITORY
import kotlin.io.path.readLines
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test

/** The tests of this folder are exactly the rows of the table. */
class TableTest {
    private val classes = listOf(
        ConnectingTest::class,
        HandshakesTest::class,
        LeavingTest::class,
        PushesTest::class,
        QueuesTest::class,
        RequestsTest::class,
        ReturningTest::class,
    )

    /** Names of the rows that apply to this client: the last cell names the platforms that a row is not for, each with a reason. */
    private fun rows(): Set<String> = REPOSITORY.resolve("conformance/scenarios.md").readLines()
        .map { line -> line.split("|").map { it.trim() } }
        .filter { it.size == 7 && it[1].startsWith("`") && "kotlin (" !in it[5] }
        .map { it[1].trim('`') }
        .toSet()

    private fun tests(): Set<String> = classes.flatMap { kind ->
        kind.java.declaredMethods.filter { it.isAnnotationPresent(Test::class.java) }.map { it.name.trim() }
    }.toSet()

    @Test
    fun `every scenario has its test`() {
        assertTrue(rows().isNotEmpty())
        assertEquals(emptySet<String>() to emptySet<String>(), (rows() - tests()) to (tests() - rows()))
    }
}
