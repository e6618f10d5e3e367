using System;
using System.Threading;
using Pitaya.Native;

namespace Pitaya
{
    /// <content>What happened.</content>
    public sealed partial class PitayaClient
    {
        /// <summary>Events of one poll of the library; a poll of the client takes as many of these as there are.</summary>
        private const int Batch = 32;

        /// <summary>A poll ends after this many events, so that a flood of them does not stop the frame.</summary>
        private const int MostEvents = 1024;

        private readonly NativeEvent[] _events = new NativeEvent[Batch];
        private int _polling;

        /// <summary>
        /// Takes what happened since the last poll, at most 1,024 events: ends calls, and calls who listens. Call it once per frame with
        /// <see cref="Pump.Manual"/>. It does not block, and when nothing has happened it allocates nothing. While one poll goes on, another one,
        /// also from inside of a listener, returns at once.
        /// </summary>
        /// <returns>How many things have happened.</returns>
        public int Poll()
        {
            if (Interlocked.CompareExchange(ref _polling, 1, 0) != 0) return 0;
            var count = 0;
            try
            {
                _host?.Receive();
                int taken;
                do
                {
                    taken = Take();
                    count += taken;
                    for (var at = 0; at < taken && !IsDisposed; at++) Hear(ref _events[at]);
                }
                while (taken == Batch && count < MostEvents && !IsDisposed);
                // Any thread may poll next.
                if (count > 0) NativeMethods.pitaya_events_done(_client);
                _host?.Transmit();
            }
            finally
            {
                Volatile.Write(ref _polling, 0);
                if (IsDisposed) EndUnlessPolled();
            }
            return count;
        }

        /// <summary>A poll that nobody has called: nobody could catch what it throws.</summary>
        private void PollByItself()
        {
            try
            {
                Poll();
            }
            // The thread pool's threads are aborted where a program ends.
            catch (Exception error) when (!(error is ThreadAbortException))
            {
                Report(error);
            }
        }

        private unsafe int Take()
        {
            fixed (NativeEvent* events = _events)
            {
                var taken = NativeMethods.pitaya_poll(_client, events, (UIntPtr)Batch, UIntPtr.Zero);
                NativeMethods.Check(taken);
                return taken;
            }
        }

        private void Hear(ref NativeEvent happened)
        {
            switch (happened.Kind)
            {
                case EventKind.Push:
                    Push(ref happened);
                    break;
                case EventKind.Answer:
                case EventKind.Sent:
                    _calls.End(ref happened);
                    break;
                case EventKind.State:
                    ChangeState(Reading.State(ref happened));
                    break;
                case EventKind.Unhandled:
                    Raise(Unhandled, Utf8.Read(happened.Name));
                    break;
                case EventKind.Unmatched:
                    Raise(Unmatched, Reading.Has(ref happened, Flag.Late));
                    break;
                case EventKind.RoundTrip:
                    Raise(Measured, new RoundTrip(happened.TimeUs, happened.Serializer));
                    break;
                case EventKind.HostConnect:
                    _host.Connect(Utf8.Read(happened.Name));
                    break;
                case EventKind.HostDisconnect:
                    _host.Disconnect();
                    break;
            }
        }

        private void Push(ref NativeEvent push)
        {
            MissedPushes += push.Missed;
            var listeners = _subscriptions.Find(push.Name);
            // Whoever listened has stopped while it was on its way.
            if (listeners == null) return;
            var body = Utf8.Copy(push.Body);
            foreach (var listener in listeners)
            {
                try
                {
                    listener.Hear(body);
                }
                catch (Exception error)
                {
                    Report(error);
                }
            }
        }

        private void ChangeState(ClientState state)
        {
            _state = state;
            if (state.Kind == StateKind.Reconnecting && state.NextAttempt != null && _options.UserForEachAttempt != null) RenewUser();
            Raise(StateChanged, state);
            if (state.Kind == StateKind.Connected) _waiters.Connect();
            if (state.Kind == StateKind.Closed) _waiters.Close(state, Unconnected());
        }

        /// <summary>A client whose user cannot be told does not come back.</summary>
        private void RenewUser()
        {
            try
            {
                SetUser(MakeUser());
            }
            catch (Exception error)
            {
                _userFailure = error;
                NativeMethods.pitaya_disconnect(_client);
            }
        }

        private void Raise<T>(Action<T> listeners, T happened)
        {
            try
            {
                listeners?.Invoke(happened);
            }
            catch (Exception error)
            {
                Report(error);
            }
        }

        private void Report(Exception error)
        {
            var reported = ListenerFailed;
            if (reported != null)
            {
                try
                {
                    reported(error);
                    return;
                }
                catch (Exception another)
                {
                    // Nobody is left to be told; the events behind it still have to be heard.
                    error = new AggregateException(error, another);
                }
            }
#if UNITY_5_3_OR_NEWER
            UnityEngine.Debug.LogException(error);
#else
            Console.Error.WriteLine("a listener of a Pitaya client has failed: " + error);
#endif
        }

        /// <summary>Ends a disposed client, unless somebody still reads its events: then that poll does it when it is over.</summary>
        private void EndUnlessPolled()
        {
            // It stays set: nobody polls any more.
            if (Interlocked.CompareExchange(ref _polling, 1, 0) != 0) return;
            _host?.Disconnect();
            NativeMethods.pitaya_destroy(_client, 0);
            lock (_subscriptions)
            {
                foreach (var listener in _subscriptions.Clear()) listener.End();
            }
            var gone = new CloseReason(0, "the client was disposed", Origin.Local, false, false, null, null, ConnectFailure.None);
            _state = new ClientState(StateKind.Closed, gone);
            _calls.FailAll(gone);
            _waiters.Close(_state, new ObjectDisposedException(nameof(PitayaClient)));
        }
    }
}
