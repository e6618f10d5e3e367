using System;

namespace Pitaya
{
    /// <summary>What becomes of a call while there is no connection.</summary>
    public sealed class Queue
    {
        private Queue(uint policy, string key, int items, int bytes, TimeSpan age)
        {
            Policy = policy;
            Key = key;
            Items = items;
            Bytes = bytes;
            Age = age;
        }

        /// <summary>It fails at once.</summary>
        public static readonly Queue Fail = new Queue(0, "", 0, 0, TimeSpan.Zero);

        /// <summary>It waits, within these limits.</summary>
        /// <param name="items">It is refused where this many calls wait.</param>
        /// <param name="bytes">It is refused where more than this many bytes of routes and bodies would wait.</param>
        /// <param name="age">How long it waits at most; 30 s when left out.</param>
        public static Queue Wait(int items = 64, int bytes = 65536, TimeSpan? age = null)
        {
            return new Queue(1, "", Positive(items, nameof(items)), Positive(bytes, nameof(bytes)), age ?? TimeSpan.FromSeconds(30));
        }

        /// <summary>It waits, and takes the place of the older call of the same kind, route and key, which fails as superseded.</summary>
        public static Queue Latest(string key = "")
        {
            return new Queue(2, key, 0, 0, TimeSpan.Zero);
        }

        internal uint Policy { get; }

        internal string Key { get; }

        internal int Items { get; }

        internal int Bytes { get; }

        internal TimeSpan Age { get; }

        private static int Positive(int value, string name)
        {
            return value >= 0 ? value : throw new ArgumentOutOfRangeException(name);
        }
    }
}
