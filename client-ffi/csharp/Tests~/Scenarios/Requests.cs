using System;
using System.Collections.Generic;
using System.Linq;
using System.Runtime.Serialization;
using System.Threading;
using System.Threading.Tasks;

namespace Pitaya.Tests
{
    /// <summary>Requests and what becomes of them.</summary>
    internal sealed class Requests : Scenario
    {
        [DataContract]
        private sealed class Session
        {
            [DataMember(EmitDefaultValue = false)] public int Code;
            [DataMember(EmitDefaultValue = false)] public string Msg;
            [DataMember(EmitDefaultValue = false)] public Dictionary<string, string> Data;
        }

        public async Task Request()
        {
            var client = await Connect(Sdk().Url("json-ws"), options => options.Codec = new JsonCodec());
            var body = new Session { Data = new Dictionary<string, string> { { "name", "a \U0001F600 b" } } };
            var answer = await Soon(client.RequestAsync<Session, Session>("connector.setsessiondata", body));
            Check.Same((200, "success"), (answer.Code, answer.Msg));
            var read = await Soon(client.RequestAsync<Session>("connector.getsessiondata"));
            Check.Same("a \U0001F600 b", read.Data["name"]);
        }

        public async Task ManyRequests()
        {
            var client = await OnDemand();
            var bodies = Enumerable.Range(0, 100).Select(n => n.ToString()).ToArray();
            Check.SameList(bodies, await Soon(Task.WhenAll(bodies.Select(body => client.RequestAsync<string, string>("a.b", body)))));
        }

        public async Task ServerError()
        {
            var client = await OnDemand();
            var payload = "{\"code\":\"ROOM-1\",\"msg\":\"no such room\",\"metadata\":{\"room\":\"7 \\\"\\u00fc\\\"\\u0001\"}}";
            var error = await Check.Fails<ServerException>(Ask(client, "mock.fail", payload));
            Check.Same(("server", "ROOM-1", "no such room"), (error.Code, error.ServerCode, error.Message));
            Check.Same("7 \"ü\"\u0001", error.Metadata["room"]);
            Check.Same("1", await Ask(client, "a.b", "1"));
        }

        public async Task UnknownRoute()
        {
            var client = await Connect(Sdk().Url("json-ws"));
            var error = await Check.Fails<ServerException>(Ask(client, "connector.nowhere", "{}"));
            Check.Same("PIT-404", error.ServerCode);
            await Ask(client, "connector.getsessiondata");
        }

        public async Task RequestTimeout()
        {
            var client = await Connect(Mock("silent").Ws);
            var hurry = new CallOptions { Timeout = Millis(100) };
            var error = await Check.Fails<RequestTimeoutException>(client.RequestAsync<string>("a.b", hurry));
            Check.Same(("timeout", Millis(100)), (error.Code, error.After));
            Check.That(error.Sent && error.Retryable, "it was sent, and may work later");
            Check.Same(StateKind.Connected, client.State.Kind);
        }

        public async Task LateResponse()
        {
            var client = await Connect(Mock("late-response").Tcp);
            var late = Unmatched(client);
            var hurry = new CallOptions { Timeout = Millis(50) };
            await Check.Fails<RequestTimeoutException>(client.RequestAsync<string, string>("a.b", "\"early\"", hurry));
            Check.Same("\"patient\"", await Ask(client, "a.b", "\"patient\""));
            Check.That((bool)await late, "it was late");
        }

        public async Task Cancel()
        {
            var client = await Connect(Mock("late-response", delay: 1000).Ws);
            var late = Unmatched(client);
            using (var cancel = new CancellationTokenSource())
            {
                var call = client.RequestAsync<string, string>("a.b", "1", cancel.Token);
                // Once something later was handed to the network, it is on its way; the server takes its time.
                await Soon(client.NotifyAsync("a.c"));
                cancel.Cancel();
                await Check.Fails<OperationCanceledException>(call);
            }
            Check.Same("3", await Ask(client, "a.b", "3"));
            Check.That((bool)await late, "it was late");
        }

        public async Task CorruptBody()
        {
            foreach (var url in Mock("corrupt-body").Both)
            {
                var client = await Connect(url);
                await Check.Fails<DecodeException>(Ask(client, "a.b", "1"));
                Check.Same(405, (await Soon(client.ClosedAsync())).Reason.Code);
            }
        }

        public async Task DictionaryRequest()
        {
            var client = await Connect(Mock("dictionary").Ws);
            foreach (var route in new[] { "connector.echo", "connector.other" })
            {
                var answer = Json.Read(await Ask(client, route));
                Check.Same((route == "connector.echo", route), (answer["byCode"].IsTrue, answer["route"].Text));
            }
        }

        public async Task UnknownAnswer()
        {
            foreach (var url in Mock("unknown-answer").Both)
            {
                var client = Create(url);
                var late = Unmatched(client);
                client.Connect();
                Check.That(!(bool)await late, "nobody had asked");
                Check.Same("1", await Ask(client, "a.b", "1"));
            }
        }

        public async Task RouteTooLong()
        {
            var client = await OnDemand();
            var error = await Check.Fails<NotSentException>(Ask(client, "a." + new string('b', 254), "1"));
            Check.Same(("route", false), (error.Code, error.Sent));
            Check.Same("1", await Ask(client, "a." + new string('b', 253), "1"));
        }

        public async Task BodyTooLarge()
        {
            var client = await OnDemand(options => options.Codec = new RawCodec());
            var error = await Check.Fails<NotSentException>(client.RequestAsync<byte[], byte[]>("a.b", new byte[0xFFFFFF + 1]));
            Check.Same(("too-large", false), (error.Code, error.Sent));
            Check.SameList(new byte[] { 49 }, await Soon(client.RequestAsync<byte[], byte[]>("a.b", new byte[] { 49 })));
        }

        public async Task BodyWithoutForm()
        {
            var client = await OnDemand(options => options.Codec = new JsonCodec());
            var error = await Check.Fails<NotSentException>(client.RequestAsync<Action, int>("a.b", client.Pause));
            Check.Same(("encode", false), (error.Code, error.Sent));
            Check.That(error.InnerException != null, "no cause");
            Check.Same(1, await Soon(client.RequestAsync<int, int>("a.b", 1)));
        }

        public async Task AnswerUnreadable()
        {
            var client = await OnDemand(options => options.Codec = new JsonCodec());
            var error = await Check.Fails<DecodeException>(client.RequestAsync<int, Session>("mock.broken", 1));
            Check.That(error.InnerException is SerializationException, "not the cause: " + error.InnerException);
            Check.Same(1, await Soon(client.RequestAsync<int, int>("a.b", 1)));
        }

        public async Task RttByRequests()
        {
            var client = await Connect(Mock("late-response").Ws);
            Check.That(client.RoundTrip == null, "nothing was measured");
            await Ask(client, "a.b");
            Check.Same(RoundTripSource.Requests, client.RoundTrip.Value.Source);
            Check.That(client.RoundTrip.Value.Time >= Millis(Delay - 1), "too short");
        }

        public async Task RttByHeartbeats()
        {
            var client = await Connect(Sdk(heartbeat: 1).Url("json-ws"));
            var source = await Next<RoundTrip, object>(heard => client.Measured += heard, heard => client.Measured -= heard, rtt => rtt.Source);
            Check.Same(RoundTripSource.Heartbeat, (RoundTripSource)source);
            Check.Same(RoundTripSource.Heartbeat, client.RoundTrip.Value.Source);
        }

        /// <summary>Whether the next answer that nobody waits for is late.</summary>
        private static Task<object> Unmatched(PitayaClient client)
        {
            return Next<bool, object>(heard => client.Unmatched += heard, heard => client.Unmatched -= heard, late => late);
        }
    }
}
