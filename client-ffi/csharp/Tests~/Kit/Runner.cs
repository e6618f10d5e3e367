using System;
using System.Collections.Generic;
using System.Linq;
using System.Reflection;
using System.Threading;

namespace Pitaya.Tests
{
    /// <summary>Runs the public methods of the test classes, each on a thread with its own loop, and says what came of them.</summary>
    internal static class Runner
    {
        /// <summary>They wait more than they work.</summary>
        private const int AtOnce = 4;

        private static int Main(string[] wanted)
        {
            var tests = All().Where(test => wanted.Length == 0 || wanted.Contains(test.Name)).ToList();
            var failures = new List<string>();
            var passed = 0;
            Action<Test> run = test =>
            {
                var error = test.Run();
                lock (failures)
                {
                    if (error == null) passed++;
                    else failures.Add(test + ": " + error);
                    Console.WriteLine("{0} {1}", error == null ? "ok    " : "FAILED", test);
                }
            };
            // Those that count what the process holds come first: what others leave to the collector is not theirs.
            tests.Where(test => test.IsAlone).ToList().ForEach(run);
            InThreads(new Queue<Test>(tests.Where(test => !test.IsAlone)), run);
            failures.ForEach(Console.Error.WriteLine);
            var good = failures.Count == 0 && passed > 0;
            Console.WriteLine("test result: {0}. {1} passed; {2} failed; 0 ignored", good ? "ok" : "FAILED", passed, failures.Count);
            return good ? 0 : 1;
        }

        private static void InThreads(Queue<Test> tests, Action<Test> run)
        {
            Func<Test> next = () =>
            {
                lock (tests) return tests.Count == 0 ? null : tests.Dequeue();
            };
            ThreadStart work = () =>
            {
                for (var test = next(); test != null; test = next()) run(test);
            };
            var threads = Enumerable.Range(0, AtOnce).Select(_ => new Thread(work)).ToList();
            threads.ForEach(thread => thread.Start());
            threads.ForEach(thread => thread.Join());
        }

        private static IEnumerable<Test> All()
        {
            var classes = Assembly.GetExecutingAssembly().GetTypes().Where(type => type.IsSubclassOf(typeof(Bed)) && !type.IsAbstract);
            foreach (var type in classes)
            {
                foreach (var method in type.GetMethods(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly))
                {
                    yield return new Test(type, method, false);
                    if (type.IsSubclassOf(typeof(Scenario))) yield return new Test(type, method, true);
                }
            }
        }
    }
}
