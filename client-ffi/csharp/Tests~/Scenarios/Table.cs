using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Reflection;

namespace Pitaya.Tests
{
    /// <summary>The scenarios are exactly the rows of the table.</summary>
    internal sealed class Table : Bed
    {
        public void EveryScenarioHasItsTest()
        {
            var methods = from type in Assembly.GetExecutingAssembly().GetTypes()
                          where type.IsSubclassOf(typeof(Scenario))
                          from method in type.GetMethods(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly)
                          select Test.NameOf(method);
            List<string> tests = methods.ToList(), rows = Rows().ToList();
            Check.That(rows.Count > 0, "the table has no rows");
            Check.SameList(new string[0], rows.Except(tests));
            Check.SameList(new string[0], tests.Except(rows));
        }

        /// <summary>The last cell names the platforms that a row is not for, each with a reason.</summary>
        private static IEnumerable<string> Rows()
        {
            foreach (var line in File.ReadLines(Path.Combine(Repository, "conformance/scenarios.md")))
            {
                var cells = line.Split('|').Select(cell => cell.Trim()).ToArray();
                if (cells.Length == 7 && cells[1].StartsWith("`") && !cells[5].Contains("csharp (")) yield return cells[1].Trim('`');
            }
        }
    }
}
