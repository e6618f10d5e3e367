using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading.Tasks;

namespace Pitaya.Tests
{
    /// <summary>What is expected.</summary>
    internal static class Check
    {
        internal static void That(bool condition, string otherwise)
        {
            if (!condition) throw new InvalidOperationException(otherwise);
        }

        internal static void Same<T>(T expected, T actual)
        {
            That(EqualityComparer<T>.Default.Equals(expected, actual), "expected " + expected + ", not " + actual);
        }

        internal static void SameList<T>(IEnumerable<T> expected, IEnumerable<T> actual)
        {
            var list = actual.ToList();
            That(expected.SequenceEqual(list), "expected " + string.Join(", ", expected) + ", not " + string.Join(", ", list));
        }

        internal static void Has(string part, string text)
        {
            That(text.Contains(part), "no '" + part + "' in '" + text + "'");
        }

        /// <summary>That it fails, and with what.</summary>
        internal static async Task<E> Fails<E>(Task task) where E : Exception
        {
            try
            {
                await Bed.Soon(task);
            }
            catch (E error)
            {
                return error;
            }
            throw new InvalidOperationException("no " + typeof(E).Name);
        }

        internal static E Throws<E>(Action action) where E : Exception
        {
            try
            {
                action();
            }
            catch (E error)
            {
                return error;
            }
            throw new InvalidOperationException("no " + typeof(E).Name);
        }
    }
}
