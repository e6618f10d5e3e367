// The chat's client in C#: `mono Chat.exe URL NAME [ROOM]`. Type a line to say it; /who; /join ROOM; the end of the input leaves.
using System;
using System.Linq;
using System.Threading.Tasks;
using Pitaya;

public class Line { public string from, text, at; }
public class Member { public string name; public bool here; }
public class Members { public string room, at; public string[] names; }
public class Join { public string room; }
public class Say { public string text, key = Guid.NewGuid().ToString(); }
public class Nothing { }
public class User { public string name, room, seen; }

internal static class Chat
{
    private static readonly User user = new User();
    // Nobody else's text may steer the terminal.
    private static void Show(string text) => Console.WriteLine(new string(text.Select(c => char.IsControl(c) ? ' ' : c).ToArray()));
    private static Task<string> Type() => Task.Run(Console.In.ReadLine);
    private static void Enter(Members members)
    {
        (user.room, user.seen) = (members.room, members.at);
        Show("* in " + members.room + ": " + string.Join(", ", members.names));
    }

    private static async Task Obey(PitayaClient client, string typed)
    {
        var words = typed.Split(new[] { ' ' }, 2);
        try
        {
            if (typed == "" || words[0] == "/who") Enter(await client.RequestAsync<Nothing, Members>("room.who", new Nothing()));
            else if (words[0] == "/join" && words.Length == 2) Enter(await client.RequestAsync<Join, Members>("room.join", new Join { room = words[1] }));
            else await client.RequestAsync<Say, Nothing>("room.say", new Say { text = typed.Replace('\t', ' ') }, new CallOptions { Queue = Queue.Wait() });
        }
        catch (PitayaException error) { Show("! " + error.Message); }
    }

    private static int Main(string[] arguments) => Run(arguments).Result;
    private static async Task<int> Run(string[] arguments)
    {
        (user.name, user.room) = (arguments[1], arguments.ElementAtOrDefault(2) ?? "lobby");
        // Every handshake says where we are and what we have seen, so that the server puts us back there and tells us the rest.
        Func<string> asJson = () => System.Text.Encoding.UTF8.GetString(new JsonCodec().Encode(user));
        using (var client = PitayaClient.Create(arguments[0], new PitayaOptions { UserForEachAttempt = asJson }))
        {
            client.On<Line>("onLine", line => { user.seen = line.at; Show(line.from + ": " + line.text); });
            client.On<Nothing>("onGap", _ => Show("* lines may be missing here"));
            client.On<Member>("onMember", member => Show("* " + member.name + (member.here ? " is here" : " has left")));
            client.StateChanged += state => Show("* " + state);
            client.Connect();
            await client.ConnectedAsync();
            await Obey(client, "/who");
            var ended = client.ClosedAsync();
            for (var typed = Type(); await Task.WhenAny(typed, ended) == typed && typed.Result != null; typed = Type()) await Obey(client, typed.Result.Trim());
            if (!ended.IsCompleted) await client.CloseAsync();
            return ended.Result.Reason.Code == 0 ? 0 : 1;
        }
    }
}
