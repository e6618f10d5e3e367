using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Linq;

namespace Pitaya.Tests
{
    /// <summary>A conformance server with some listeners, each with its address by name.</summary>
    internal sealed class Peer : IDisposable
    {
        private readonly Process _process;
        private readonly Dictionary<string, string> _addresses = new Dictionary<string, string>();
        private readonly string _folder;

        private Peer(string arguments, int listeners, string folder)
        {
            var program = Bed.Program("PITAYA_CONFORMANCE_SERVER");
            _folder = folder;
            if (folder != null) Directory.CreateDirectory(folder);
            _process = Process.Start(new ProcessStartInfo(program, arguments)
            {
                UseShellExecute = false,
                RedirectStandardOutput = true,
            });
            for (var at = 0; at < listeners; at++)
            {
                var words = (_process.StandardOutput.ReadLine() ?? "").Split(' ');
                if (words.Length != 3 || words[0] != "listening")
                {
                    Dispose();
                    throw new InvalidOperationException("the conformance server does not listen: " + string.Join(" ", words));
                }
                _addresses[words[1]] = words[2];
            }
        }

        internal string Address => _addresses.Values.First();

        internal string Tcp => "tcp://" + Address;

        internal string Ws => "ws://" + Address;

        internal string[] Both => new[] { Tcp, Ws };

        /// <summary>The certificate of the profile <c>sdk</c>.</summary>
        internal string Certificate => File.ReadAllText(Path.Combine(_folder, "cert.pem"));

        /// <summary>A script of the mocks.</summary>
        internal static Peer Mock(string script, int heartbeat, int delay, string address)
        {
            var at = address == null ? script : script + "=" + address;
            return new Peer("--mock " + at + " --heartbeat " + heartbeat + " --delay " + delay, 1, null);
        }

        /// <summary>The servers of the profile <c>sdk</c>, on free ports.</summary>
        internal static Peer Sdk(int heartbeat)
        {
            var folder = Path.Combine(Path.GetTempPath(), "pitaya-csharp-" + Guid.NewGuid().ToString("N"));
            var files = " --cert " + Path.Combine(folder, "cert.pem") + " --key " + Path.Combine(folder, "key.pem");
            var names = from serializer in new[] { "json", "protobuf" } from scheme in new[] { "ws", "tcp", "tls" } select serializer + "-" + scheme;
            var ports = string.Concat(names.Select(name => " --" + name + "=0"));
            return new Peer("--profile sdk --heartbeat " + heartbeat + ports + files, 6, folder);
        }

        /// <summary>The address of a listener of the profile <c>sdk</c>, as <c>json-ws</c>.</summary>
        internal string Url(string name)
        {
            var address = _addresses[name];
            return name.Split('-')[1] + "://localhost:" + address.Substring(address.LastIndexOf(':') + 1);
        }

        public void Dispose()
        {
            if (!_process.HasExited) _process.Kill();
            _process.WaitForExit();
            if (_folder != null && Directory.Exists(_folder)) Directory.Delete(_folder, true);
        }
    }
}
