package dev.pitaya.client

import java.util.concurrent.TimeUnit
import org.junit.jupiter.api.AfterEach
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Assertions.fail
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.Timeout

/** The chat's client in Kotlin in one room with the one of the terminal. */
@Timeout(60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ChatTest {
    private val processes = mutableListOf<Process>()

    @AfterEach
    fun end() = processes.forEach { it.destroyForcibly().waitFor() }

    private fun start(vararg words: String): Process = ProcessBuilder(*words).redirectErrorStream(true).start().also { processes += it }

    /** The next line of a program that has a text. */
    private fun Process.reads(wanted: String): String {
        val seen = mutableListOf<String>()
        while (true) {
            seen += inputReader().readLine() ?: fail("no '$wanted' in $seen")
            if (wanted in seen.last()) return seen.last()
        }
    }

    private fun Process.says(line: String) = outputWriter().run {
        write("$line\n")
        flush()
    }

    @Test
    fun `they hear each other`() {
        val server = start(program("PITAYA_CHAT_SERVER"), "--tcp", "127.0.0.1:0", "--ws", "127.0.0.1:0")
        val listening = List(2) { server.reads("listening") }.joinToString("\n")
        val address = Regex("""listener="(tcp|ws)" address=(\S+)""").findAll(listening).associate { it.groupValues[1] to it.groupValues[2] }
        val rust = start(program("PITAYA_CHAT_CLIENT"), "tcp://${address["tcp"]}", "rusty")
        rust.reads("in lobby: rusty")
        val java = ProcessHandle.current().info().command().orElse("java")
        val path = System.getProperty("surefire.test.class.path") ?: System.getProperty("java.class.path")
        val kotlin = start(java, "-cp", path, "dev.pitaya.example.chat.ChatKt", "ws://${address["ws"]}", "kotti")
        assertTrue("kotti, rusty" in kotlin.reads("in lobby"))
        rust.reads("kotti is here")
        rust.says("hello from the terminal")
        kotlin.reads("rusty: hello from the terminal")
        kotlin.says("hello from Kotlin")
        rust.reads("kotti: hello from Kotlin")
        kotlin.says("/join attic")
        kotlin.reads("in attic: kotti")
        kotlin.outputWriter().close()
        assertTrue(kotlin.waitFor(30, TimeUnit.SECONDS))
        assertEquals(0, kotlin.exitValue())
    }
}
