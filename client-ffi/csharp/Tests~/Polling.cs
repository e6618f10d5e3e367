using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;

namespace Pitaya.Tests
{
    /// <summary>Who polls, on which thread what is heard, and what several threads may do at once.</summary>
    internal sealed class Polling : Bed
    {
        /// <summary>A program with a loop of its own: nothing happens but in <c>Poll</c>, and on its thread.</summary>
        public void ByHand()
        {
            var url = Mock("on-demand").Ws;
            OnThread(() =>
            {
                int thread = Thread.CurrentThread.ManagedThreadId, heardOn = 0, answeredOn = 0;
                var client = ByHand(url);
                client.On<string>("onPush", _ => heardOn = Thread.CurrentThread.ManagedThreadId);
                Func<Task> talk = async () =>
                {
                    await client.ConnectedAsync();
                    await client.RequestAsync<string, string>("mock.push", "1");
                    answeredOn = Thread.CurrentThread.ManagedThreadId;
                };
                client.Connect();
                Until(client, talk());
                Check.Same((thread, thread), (heardOn, answeredOn));
            });
        }

        /// <summary>Without a synchronization context the thread pool polls, and a thread may wait for it.</summary>
        public void OnTheThreadPool()
        {
            var url = Mock("on-demand").Tcp;
            OnThread(() =>
            {
                using (var client = PitayaClient.ConnectAsync(url, Hasty()).Result)
                {
                    var asked = client.RequestAsync<string, string>("a.b", "1").ContinueWith(
                        answer => client.RequestAsync<string, string>("a.b", answer.Result + "2").Result,
                        TaskContinuationOptions.ExecuteSynchronously);
                    Check.That(asked.Wait(TimeSpan.FromSeconds(30)), "the poll waits for itself");
                    Check.Same("12", asked.Result);
                }
            });
        }

        public void ConnectAsyncCannotBePolledByHand()
        {
            var options = new PitayaOptions { Pump = Pump.Manual };
            Check.Throws<AggregateException>(() => PitayaClient.ConnectAsync("tcp://127.0.0.1:9", options).Wait());
        }

        /// <summary>Polls of two threads at a time are one after the other, and calls come from anywhere.</summary>
        public void ManyThreadsInOneClient()
        {
            var client = ByHand(Mock("on-demand").Ws);
            client.Connect();
            Until(client, client.ConnectedAsync());
            const int each = 200;
            var stop = false;
            var pollers = Enumerable.Range(0, 2).Select(_ => new Thread(() =>
            {
                while (!Volatile.Read(ref stop)) client.Poll();
            })).ToList();
            pollers.ForEach(thread => thread.Start());
            try
            {
                var callers = Enumerable.Range(0, 4).Select(caller => Task.Run(async () =>
                {
                    for (var n = 0; n < each; n++)
                    {
                        var body = (caller * each + n).ToString();
                        Check.Same(body, await client.RequestAsync<string, string>("a.b", body));
                    }
                }));
                Check.That(Task.WaitAll(callers.ToArray(), TimeSpan.FromSeconds(30)), "it hangs");
            }
            finally
            {
                Volatile.Write(ref stop, true);
                pollers.ForEach(thread => thread.Join());
            }
        }

        public void AListenerMayPollAndDispose()
        {
            var client = ByHand(Mock("on-demand").Ws);
            var inner = -1;
            client.On<string>("onPush", _ =>
            {
                inner = client.Poll();
                client.Dispose();
            });
            client.Connect();
            Until(client, client.ConnectedAsync());
            var call = client.RequestAsync<string, string>("mock.push", "1");
            while (!call.IsCompleted) client.Poll();
            Check.Same(0, inner);
            Check.That(call.Exception?.InnerException is DisconnectedException, "the answer behind it was heard");
            Check.Same(0, client.Poll());
        }

        /// <summary>A client that is disposed while others poll it and call it: exceptions, and no more.</summary>
        public void DisposedUnderOthers()
        {
            var url = Mock("on-demand").Tcp;
            for (var round = 0; round < 20; round++)
            {
                var client = ByHand(url);
                client.Connect();
                Until(client, client.ConnectedAsync());
                var poller = Task.Run(() =>
                {
                    while (client.State.Kind != StateKind.Closed) client.Poll();
                });
                var calls = new List<Task>();
                for (var n = 0; n < 50; n++) calls.Add(client.RequestAsync<string, string>("a.b", "1"));
                client.Dispose();
                Check.That(poller.Wait(TimeSpan.FromSeconds(30)), "it hangs");
                calls.Add(client.RequestAsync<string>("a.b"));
                Check.That(Task.WhenAny(Task.WhenAll(calls), Task.Delay(30000)).Result.IsFaulted, "a call hangs, or was answered by nobody");
            }
        }

        public async Task AListenerOfFailuresMayFail()
        {
            var client = await OnDemand();
            var heard = 0;
            client.ListenerFailed += error => throw error;
            client.On<string>("onPush", body => throw new InvalidOperationException("not " + body));
            client.On<string>("onPush", body => heard++);
            Check.Same("1", await Ask(client, "mock.push", "1"));
            Check.Same(1, heard);
        }

        private PitayaClient ByHand(string url)
        {
            return Create(url, options => options.Pump = Pump.Manual);
        }

        private static void Until(PitayaClient client, Task task)
        {
            var begin = DateTime.UtcNow;
            while (!task.IsCompleted)
            {
                client.Poll();
                Check.That(DateTime.UtcNow - begin < TimeSpan.FromSeconds(30), "it hangs");
            }
            task.Wait();
        }

        /// <summary>On a thread without a synchronization context.</summary>
        private static void OnThread(Action work)
        {
            var task = Task.Factory.StartNew(work, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
            task.Wait();
        }
    }
}
