using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.RegularExpressions;
using Pitaya.Native;

namespace Pitaya.Tests
{
    /// <summary>Structs and numbers are those of the header.</summary>
    internal sealed class Layout : Bed
    {
        private const BindingFlags Members = BindingFlags.NonPublic | BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static;

        private static readonly Dictionary<string, Type> Structs = new Dictionary<string, Type>
        {
            { "PitayaBytes", typeof(NativeBytes) },
            { "PitayaCall", typeof(NativeCall) },
            { "PitayaEvent", typeof(NativeEvent) },
            { "PitayaOptions", typeof(NativeOptions) },
        };

        private static readonly Dictionary<string, Type> Numbers = new Dictionary<string, Type>
        {
            { "EVENT_", typeof(EventKind) },
            { "FLAG_", typeof(Flag) },
            { "STATE_", typeof(StateKind) },
            { "ORIGIN_", typeof(Origin) },
            { "SOURCE_", typeof(RoundTripSource) },
            { "SERIALIZER_", typeof(Serializer) },
            { "TRANSPORT_", typeof(Transport) },
            { "LOG_", typeof(LogLevel) },
            { "CAPABILITY_", typeof(Capabilities) },
        };

        /// <summary>Names of this side that the other one has not: none of something, and all of it.</summary>
        private static readonly string[] Sums = { "NONE", "ANY", "ALL" };

        private static string Header => Path.Combine(Repository, "client-ffi/include/pitaya_client.h");

        /// <summary>Sizes and offsets, as a C compiler sees them.</summary>
        public void StructsAreLaidOutAsInC()
        {
            var expected = new StringBuilder();
            var program = new StringBuilder("#include \"pitaya_client.h\"\n#include <stdio.h>\nint main(void) {\n");
            foreach (var one in Structs)
            {
                program.AppendFormat("printf(\"{0} %zu\\n\", sizeof({0}));\n", one.Key);
                expected.AppendFormat("{0} {1}\n", one.Key, Marshal.SizeOf(one.Value));
                foreach (var field in one.Value.GetFields(Members))
                {
                    var name = field.Name == "Length" ? "len" : Snake(field.Name);
                    program.AppendFormat("printf(\"{0}.{1} %zu\\n\", offsetof({0}, {1}));\n", one.Key, name);
                    expected.AppendFormat("{0}.{1} {2}\n", one.Key, name, Marshal.OffsetOf(one.Value, field.Name));
                }
            }
            program.Append("return 0; }\n");
            Check.SameList(Run(program.ToString()).Split('\n'), expected.ToString().Split('\n'));
        }

        public void NumbersAreThoseOfTheHeader()
        {
            foreach (var kind in Numbers) Compare(kind.Key, Constants(kind.Value));
            Compare("ERROR_", Constants(typeof(CallError)).Concat(Constants(typeof(ConnectFailure))));
            var header = Defines("");
            foreach (var status in Constants(typeof(Status))) Check.Same(header[status.Key], status.Value);
            Check.Same(header["ABI_VERSION"], NativeMethods.AbiVersion);
        }

        private static void Compare(string prefix, IEnumerable<KeyValuePair<string, long>> ours)
        {
            var expected = Defines(prefix).OrderBy(number => number.Key).Select(number => number.ToString());
            var actual = ours.Where(number => !Sums.Contains(number.Key)).OrderBy(number => number.Key).Select(number => number.ToString());
            Check.SameList(expected, actual);
        }

        private static Dictionary<string, long> Defines(string prefix)
        {
            var found = Regex.Matches(File.ReadAllText(Header), "#define PITAYA_" + prefix + @"(\w+) (-?\d+)$", RegexOptions.Multiline);
            return found.Cast<Match>().ToDictionary(match => match.Groups[1].Value, match => long.Parse(match.Groups[2].Value));
        }

        private static Dictionary<string, long> Constants(Type type)
        {
            var fields = type.GetFields(Members).Where(field => field.IsLiteral);
            return fields.ToDictionary(
                field => Snake(field.Name == "PushDictionary" ? "PushDict" : field.Name).ToUpperInvariant(),
                field => Convert.ToInt64(field.GetRawConstantValue()));
        }

        private static string Snake(string name)
        {
            return Regex.Replace(name, "(?<=[a-z0-9])(?=[A-Z])", "_").ToLowerInvariant();
        }

        private string Run(string program)
        {
            var folder = Path.Combine(Path.GetTempPath(), "pitaya-layout-" + Guid.NewGuid().ToString("N"));
            Directory.CreateDirectory(folder);
            try
            {
                string source = Path.Combine(folder, "layout.c"), built = Path.Combine(folder, "layout");
                File.WriteAllText(source, program);
                Output("cc", "-DPITAYA_NATIVE -I " + Path.GetDirectoryName(Header) + " -o " + built + " " + source);
                return Output(built, "");
            }
            finally
            {
                Directory.Delete(folder, true);
            }
        }

        private static string Output(string program, string arguments)
        {
            using (var process = Process.Start(new ProcessStartInfo(program, arguments) { UseShellExecute = false, RedirectStandardOutput = true }))
            {
                var output = process.StandardOutput.ReadToEnd();
                process.WaitForExit();
                Check.Same(0, process.ExitCode);
                return output;
            }
        }
    }
}
