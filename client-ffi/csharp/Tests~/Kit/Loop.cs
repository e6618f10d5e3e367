using System;
using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;
using System.Threading;
using System.Threading.Tasks;

namespace Pitaya.Tests
{
    /// <summary>What the main thread of a program with a window has: a queue of what is to be done on it.</summary>
    internal sealed class Loop : SynchronizationContext
    {
        private readonly BlockingCollection<Action> _posted = new BlockingCollection<Action>();

        public override void Post(SendOrPostCallback callback, object state)
        {
            try
            {
                _posted.Add(() => callback(state));
            }
            catch (InvalidOperationException)
            {
                // The loop is over: what a timer still posts is of no consequence.
            }
        }

        internal static void Run(Func<Task> body)
        {
            var before = Current;
            var loop = new Loop();
            SetSynchronizationContext(loop);
            try
            {
                var task = body();
                task.ContinueWith(_ => loop._posted.CompleteAdding(), TaskScheduler.Default);
                foreach (var posted in loop._posted.GetConsumingEnumerable()) posted();
                if (task.IsFaulted) ExceptionDispatchInfo.Capture(task.Exception.InnerException).Throw();
                if (task.IsCanceled) throw new OperationCanceledException();
            }
            finally
            {
                SetSynchronizationContext(before);
            }
        }
    }
}
