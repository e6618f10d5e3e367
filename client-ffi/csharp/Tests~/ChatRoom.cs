using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Text.RegularExpressions;
using System.Threading.Tasks;

namespace Pitaya.Tests
{
    /// <summary>The chat's client in C# in one room with the one of the terminal.</summary>
    internal sealed class ChatRoom : Bed
    {
        public async Task TheyHearEachOther()
        {
            var server = Started(Program("PITAYA_CHAT_SERVER"), "--tcp 127.0.0.1:0 --ws 127.0.0.1:0");
            var lines = await server.Reads("listening") + " " + await server.Reads("listening");
            Func<string, string> address = listener => Regex.Match(lines, "listener=\"" + listener + "\" address=(\\S+)").Groups[1].Value;
            var rust = Started(Program("PITAYA_CHAT_CLIENT"), "tcp://" + address("tcp") + " rusty");
            await rust.Reads("in lobby: rusty");
            var sharp = Started("mono", Program("PITAYA_CHAT") + " ws://" + address("ws") + " anders");
            Check.Has("anders, rusty", await sharp.Reads("in lobby"));
            await rust.Reads("anders is here");
            rust.Says("hello from the terminal");
            await sharp.Reads("rusty: hello from the terminal");
            sharp.Says("hello from C#");
            await rust.Reads("anders: hello from C#");
            sharp.Says("/join attic");
            await sharp.Reads("in attic: anders");
            Check.Same(0, await sharp.Ended());
        }

        private Speaker Started(string program, string arguments)
        {
            return Keep(new Speaker(program, arguments));
        }

        /// <summary>A program that is gone when the test ends.</summary>
        private sealed class Speaker : IDisposable
        {
            private readonly Process _process;

            internal Speaker(string program, string arguments)
            {
                _process = Process.Start(new ProcessStartInfo(program, arguments)
                {
                    UseShellExecute = false,
                    RedirectStandardInput = true,
                    RedirectStandardOutput = true,
                });
            }

            /// <summary>The next line that has a text.</summary>
            internal async Task<string> Reads(string wanted)
            {
                var seen = new List<string>();
                string line = null;
                do
                {
                    var reading = Task.Run(_process.StandardOutput.ReadLine);
                    if (await Task.WhenAny(reading, Task.Delay(20000)) != reading) break;
                    line = await reading;
                    if (line != null && line.Contains(wanted)) return line;
                    seen.Add(line);
                }
                while (line != null);
                throw new InvalidOperationException("no '" + wanted + "' in: " + string.Join(" | ", seen));
            }

            internal void Says(string line)
            {
                _process.StandardInput.WriteLine(line);
                _process.StandardInput.Flush();
            }

            internal async Task<int> Ended()
            {
                _process.StandardInput.Close();
                await Soon(Task.Run(() => _process.WaitForExit()));
                return _process.ExitCode;
            }

            public void Dispose()
            {
                if (!_process.HasExited) _process.Kill();
                _process.WaitForExit();
            }
        }
    }
}
