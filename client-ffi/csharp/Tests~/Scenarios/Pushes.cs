using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using System.Threading.Tasks;

namespace Pitaya.Tests
{
    /// <summary>Pushes and notifies.</summary>
    internal sealed class Pushes : Scenario
    {
        private const string Keys = "{\"key1\":10,\"key2\":true}";

        public async Task Notify()
        {
            var client = await OnDemand();
            for (var n = 0; n < 10; n++) client.Notify("room.say", n.ToString());
            Check.SameList(Enumerable.Range(0, 10).Select(n => "room.say " + n), await Received(client));
        }

        public async Task NotifyToNowhere()
        {
            var client = await Connect(Sdk().Url("json-ws"));
            await Soon(client.NotifyAsync("connector.nowhere", "{}"));
            await Ask(client, "connector.getsessiondata");
        }

        public async Task NotifyUnsent()
        {
            var client = await OnDemand();
            await Soon(client.CloseAsync());
            var error = await Check.Fails<NotSentException>(client.NotifyAsync("a.b"));
            Check.Same(("not-connected", false), (error.Code, error.Sent));
        }

        public async Task PushThenAnswer()
        {
            var client = await Connect(Sdk().Url("json-ws"));
            string heard = null;
            client.On<string>("some.push.route", body => heard = body);
            var answer = Json.Read(await Ask(client, "connector.sendpush", "{}"));
            Check.Same((Keys, "Ok"), (heard, answer["Msg"].Text));
        }

        public async Task PushToNobody()
        {
            var client = await OnDemand();
            var route = Next<string, string>(heard => client.Unhandled += heard, heard => client.Unhandled -= heard, heard => heard);
            await Ask(client, "mock.push", "1");
            Check.Same("onPush", await route);
            Check.Same("2", await Ask(client, "a.b", "2"));
        }

        public async Task PushOverflow()
        {
            var client = await OnDemand(options => options.Limits.Pushes = 4);
            var pushes = client.Pushes<string>("onPush");
            for (var n = 0; n < 10; n++) await Ask(client, "mock.push", n.ToString());
            foreach (var wanted in new[] { "6", "7", "8", "9" }) Check.Same(wanted, await Next(pushes));
            Check.Same(6ul, pushes.Missed);
        }

        public async Task ListenerFails()
        {
            var client = await OnDemand();
            var failures = new List<string>();
            var heard = new List<string>();
            client.ListenerFailed += error => failures.Add(error.Message);
            client.On<string>("onPush", body => throw new InvalidOperationException("not " + body));
            var second = client.On<string>("onPush", heard.Add);
            foreach (var n in new[] { "1", "2" }) Check.Same(n, await Ask(client, "mock.push", n));
            second.Dispose();
            await Ask(client, "mock.push", "3");
            Check.SameList(new[] { "1", "2" }, heard);
            Check.SameList(new[] { "not 1", "not 2", "not 3" }, failures);
            Check.Same(StateKind.Connected, client.State.Kind);
        }

        public async Task Compressed()
        {
            foreach (var url in Mock("compressed").Both)
            {
                var client = Create(url);
                var pushes = client.Pushes<string>("onCompressed");
                client.Connect();
                Check.Same(Keys, await Next(pushes));
                Check.Same("{\"isCompressed\":false}", await Ask(client, "a.b", "{}"));
            }
        }

        public async Task PushBomb()
        {
            foreach (var url in Mock("push-bomb").Both)
            {
                var client = Create(url);
                client.On<string>("onBomb", _ => throw new InvalidOperationException("it was inflated"));
                client.Connect();
                Check.Same(405, (await Soon(client.ClosedAsync())).Reason.Code);
            }
        }

        public async Task DictionaryPushes()
        {
            var routes = new Dictionary<string, int> { { "some.push.route", 2 }, { "onHigh", 515 }, { "onHighest", 65535 } };
            foreach (var url in Mock("dictionary").Both)
            {
                var client = Create(url);
                var readers = routes.ToDictionary(route => route.Key, route => client.Pushes<string>(route.Key));
                client.Connect();
                foreach (var reader in readers)
                {
                    var push = Json.Read(await Next(reader.Value));
                    Check.Same((routes[reader.Key], reader.Key), (push["code"].Number, push["route"].Text));
                }
            }
        }

        public async Task UnknownRouteCode()
        {
            foreach (var url in Mock("unknown-route-code").Both) Check.Same(402, (await Ending(url)).Reason.Code);
        }

        public async Task ManyPacketsPerFrame()
        {
            foreach (var url in Mock("many-packets-per-frame").Both)
            {
                var seen = new List<string>();
                var client = Create(url);
                client.On<string>("onFirst", _ => seen.Add("first"));
                client.On<string>("onLast", _ => seen.Add("last"));
                var last = client.Pushes<string>("onLast");
                client.Connect();
                await Next(last);
                var answer = client.RequestAsync<string, string>("a.b", "1");
                var answered = answer.ContinueWith(ended => seen.Add(ended.Result), TaskContinuationOptions.ExecuteSynchronously);
                await Next(last);
                await Soon(answered);
                Check.SameList(new[] { "first", "last", "first", "1", "last" }, seen);
            }
        }

        public async Task TextFrame()
        {
            var client = Create(Mock("text-frame").Ws);
            var pushes = client.Pushes<string>("onText");
            client.Connect();
            Check.Same(Keys, await Next(pushes));
            Check.Same("\"x\"", await Ask(client, "a.b", "\"x\""));
        }
    }
}
