using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text;
using System.Threading.Tasks;

namespace Pitaya.Tests
{
    /// <summary>The vectors of <c>conformance/vectors</c> that show at this surface.</summary>
    internal sealed class Vectors : Bed
    {
        private static readonly string[] Applied = { "close-codes", "errors", "errors-tolerated", "handshake-responses", "kicks", "routes" };

        /// <summary>Those that do not: what a server reads and grants, and what the core alone sees; the scenarios have some of it.</summary>
        private static readonly string[] Below =
        {
            "capabilities", "compression", "dictionaries", "frames", "handshake-requests", "message-refusals", "messages", "messages-malformed",
            "messages-tolerated", "packet-refusals", "packet-streams", "packets", "sniffing",
        };

        private static string Folder => Path.Combine(Repository, "conformance/vectors");

        public void NoFileIsOverlooked()
        {
            var files = Directory.GetFiles(Folder, "*.json").Select(Path.GetFileNameWithoutExtension);
            Check.SameList(Applied.Concat(Below).OrderBy(name => name, StringComparer.Ordinal), files.OrderBy(name => name, StringComparer.Ordinal));
        }

        public async Task Routes()
        {
            var client = await OnDemand();
            foreach (var one in Cases("routes"))
            {
                var call = client.RequestAsync<string, string>(one["route"].Text, "1");
                if (one["verdict"].Text == "ok") Check.Same("1", await Soon(call));
                else Check.Same("route", (await Check.Fails<NotSentException>(call)).Code);
            }
        }

        public async Task Errors()
        {
            foreach (var one in Cases("errors"))
            {
                foreach (var serializer in new[] { "json", "protobuf" }) await Fails(one, serializer, one[serializer], one["value"]);
            }
        }

        public async Task ErrorsTolerated()
        {
            foreach (var one in Cases("errors-tolerated")) await Fails(one, one["serializer"].Text, one["body"], one["value"]);
        }

        public async Task HandshakeResponses()
        {
            foreach (var one in Cases("handshake-responses"))
            {
                using (var peer = new WirePeer(Octets(one["body"].Text)))
                using (var client = Start(peer.Url, options => options.Codec = new RawCodec()))
                {
                    var value = one["value"];
                    if (value != null && value["code"].Number == 200)
                    {
                        await Soon(client.ConnectedAsync());
                        Check.Same(value["serializer"].Text, client.Serializer.ToString().ToLowerInvariant());
                        continue;
                    }
                    var reason = (await Check.Fails<ConnectException>(client.ConnectedAsync())).CloseReason;
                    var close = value?["close"];
                    var code = value == null ? 404 : close != null ? close["code"].Number : value["code"].Number == 501 ? 503 : 502;
                    Check.That(reason.Code == code, one["name"].Text + ": " + reason);
                    Check.Has(close?["reason"]?.Text ?? "", reason.Reason);
                }
            }
        }

        public async Task Kicks()
        {
            foreach (var one in Cases("kicks"))
            {
                var reason = await Kicked(Octets(one["body"].Text));
                Check.Same((one["name"].Text, one["code"].Number, one["reason"].Text), (one["name"].Text, reason.Code, reason.Reason));
                var after = one["retry_after_ms"];
                Check.Same(after == null ? (TimeSpan?)null : Millis(after.Number), reason.RetryAfter);
                Check.Same(one["endpoint"]?.Text, reason.Endpoint);
            }
        }

        public async Task CloseCodes()
        {
            foreach (var one in Cases("close-codes"))
            {
                var reason = await Kicked(Encoding.ASCII.GetBytes("{\"code\":" + one["number"].Text + "}"));
                Check.Same((one["number"].Number, one["reconnect"].IsTrue, one["kick"].IsTrue), (reason.Code, reason.Reconnect, reason.Kicked));
            }
        }

        private static IEnumerable<Json> Cases(string name)
        {
            var cases = Json.Read(File.ReadAllText(Path.Combine(Folder, name + ".json")))["cases"].Items.ToList();
            Check.That(cases.Count > 0, name + " has no cases");
            return cases;
        }

        /// <summary>The bytes that a vector writes.</summary>
        private static byte[] Octets(string notation)
        {
            if (notation.StartsWith("text:")) return Encoding.UTF8.GetBytes(notation.Substring(5));
            var octets = new List<byte>();
            foreach (var token in notation.Split(new[] { ' ', '\n' }, StringSplitOptions.RemoveEmptyEntries))
            {
                var repeated = token.StartsWith("repeat:") ? token.Substring(7).Split('*') : new[] { token, "1" };
                for (var n = 0; n < int.Parse(repeated[1]); n++)
                {
                    for (var at = 0; at < repeated[0].Length; at += 2) octets.Add(Convert.ToByte(repeated[0].Substring(at, 2), 16));
                }
            }
            return octets.ToArray();
        }

        /// <summary>An error answer with this body is this error. What cannot be read has no code of its own.</summary>
        private async Task Fails(Json one, string serializer, Json body, Json value)
        {
            var response = Encoding.ASCII.GetBytes("{\"code\":200,\"sys\":{\"serializer\":\"" + serializer + "\"}}");
            using (var peer = new WirePeer(response, error: Octets(body.Text)))
            using (var client = await Connect(peer.Url, options => options.Codec = new RawCodec()))
            {
                var error = await Check.Fails<ServerException>(client.RequestAsync<byte[]>("a.b"));
                var code = value == null ? "PIT-000" : value["code"]?.Text ?? "";
                Check.Same((one["name"].Text, code), (one["name"].Text, error.ServerCode));
                var metadata = value?["metadata"]?.Members ?? new Dictionary<string, string>();
                Check.SameList(metadata.OrderBy(pair => pair.Key), error.Metadata.OrderBy(pair => pair.Key));
            }
        }

        /// <summary>What a client reads from the body of a kick.</summary>
        private async Task<CloseReason> Kicked(byte[] body)
        {
            using (var peer = new WirePeer(afterAck: WirePeer.Packet(WirePeer.Kick, body)))
            using (var client = Create(peer.Url, options => options.Reconnect = new Reconnect { Base = Millis(60000), Max = Millis(60000), JitterPercent = 0 }))
            {
                var ended = Next<ClientState, CloseReason>(heard => client.StateChanged += heard, heard => client.StateChanged -= heard, state => state.Reason);
                client.Connect();
                return await ended;
            }
        }
    }
}
