/// The chat's client in Swift: arguments `URL NAME [ROOM]`. Type a line to say it; /who; /join ROOM; the end of the input leaves.
import Foundation
import Pitaya

struct Line: Decodable, Sendable { let from, text, at: String }
struct Member: Decodable, Sendable { let name: String; let here: Bool }
struct Members: Decodable, Sendable { let room: String; let names: [String]; let at: String }
struct Gap: Decodable, Sendable {}

/// Every handshake says where we are and what we have seen, so that the server puts us back there and tells us the rest.
actor Place {
    private(set) var user: [String: String]
    init(_ name: String, _ room: String) { user = ["name": name, "room": room] }
    func saw(_ at: String) { user["seen"] = at }
    func entered(_ members: Members) {
        user["room"] = members.room
        user["seen"] = members.at
        show("* in \(members.room): \(members.names.joined(separator: ", "))")
    }
}

/// Nobody else's text may steer the terminal.
func show(_ text: String) {
    let shown = String.UnicodeScalarView(text.unicodeScalars.map { $0.properties.generalCategory == .control ? " " : $0 })
    FileHandle.standardOutput.write(Data("\(shown)\n".utf8))
}

@main struct Chat {
    static func main() async throws {
        let words = CommandLine.arguments
        let place = Place(words[2], words.count > 3 ? words[3] : "lobby")
        var options = PitayaClient.Options()
        options.user = .forEachAttempt { await place.user }
        let client = try PitayaClient.start(words[1], options: options)
        let (lines, gaps, members) = try (client.pushes("onLine", as: Line.self), client.pushes("onGap", as: Gap.self), client.pushes("onMember", as: Member.self))
        Task { for try await line in lines { await place.saw(line.at); show("\(line.from): \(line.text)") } }
        Task { for try await _ in gaps { show("* lines may be missing here") } }
        Task { for try await member in members { show("* \(member.name) \(member.here ? "is here" : "has left")") } }
        Task { for await state in client.states { show("* \(state)"); if case let .closed(reason, _) = state, reason.code != 0 { exit(1) } } }
        try await client.waitUntilConnected()
        await place.entered(try await client.request("room.who", [String: String]()))
        let typed = AsyncStream<String> { typed in
            Thread.detachNewThread { while let line = readLine() { typed.yield(line) }; typed.finish() }
        }
        for await line in typed {
            let words = line.trimmingCharacters(in: .whitespaces).split(separator: " ", maxSplits: 1).map(String.init)
            do {
                if words.isEmpty || words[0] == "/who" { await place.entered(try await client.request("room.who", [String: String]())) }
                else if words[0] == "/join", words.count == 2 { await place.entered(try await client.request("room.join", ["room": words[1]])) }
                else { try await client.request("room.say", ["text": words.joined(separator: " "), "key": UUID().uuidString], timeout: 30, queue: .wait()) }
            } catch {
                show("! \(error.localizedDescription)")
            }
        }
        await client.disconnect()
    }
}
