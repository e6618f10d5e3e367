using System.Threading.Tasks;

namespace Pitaya.Tests
{
    /// <summary>What a server may answer to the handshake.</summary>
    internal sealed class Handshakes : Scenario
    {
        public async Task SerializerByHandshake()
        {
            var sdk = Sdk();
            foreach (var name in new[] { "json", "protobuf" })
            {
                var client = await Connect(sdk.Url(name + "-ws"), options => options.Codec = new RawCodec());
                Check.Same(name == "json" ? Serializer.Json : Serializer.Protobuf, client.Serializer);
                var error = await Check.Fails<ServerException>(client.RequestAsync<byte[]>("connector.nothing"));
                Check.Same("PIT-404", error.ServerCode);
            }
        }

        public async Task SerializerMismatch()
        {
            var error = await Check.Fails<ConnectException>(Start(Sdk().Url("protobuf-ws")).ConnectedAsync());
            Check.Has("protobuf", error.Message);
            Check.That(!error.Retryable, "it may not work later");
        }

        public async Task CompressedHandshake()
        {
            foreach (var url in Mock("compressed").Both) await Connect(url);
        }

        public async Task Refused()
        {
            var reason = await Refusal("refused", Capabilities.None);
            Check.Same(502, reason.Code);
            Check.Has("400", reason.Reason);
        }

        public async Task RefusedWithReason()
        {
            var reason = await Refusal("refused");
            Check.Same((502, "refused by the script"), (reason.Code, reason.Reason));
        }

        public async Task TooOld()
        {
            Check.Same(503, (await Refusal("too-old")).Code);
        }

        public async Task HandshakeNotJson()
        {
            Check.Same(404, (await Refusal("handshake-not-json")).Code);
        }

        public async Task HandshakeWithoutSys()
        {
            foreach (var url in Mock("handshake-without-sys").Both)
            {
                var client = await Connect(url);
                Check.Same(Serializer.Json, client.Serializer);
                Check.Same("[1]", await Ask(client, "a.b", "[1]"));
            }
        }

        public async Task HandshakeBomb()
        {
            Check.Same(405, (await Refusal("handshake-bomb")).Code);
        }

        /// <summary>The close that a handshake leads to, for good.</summary>
        private async Task<CloseReason> Refusal(string script, Capabilities capabilities = Capabilities.All)
        {
            CloseReason reason = null;
            foreach (var url in Mock(script).Both)
            {
                var error = await Check.Fails<ConnectException>(Start(url, options => options.Capabilities = capabilities).ConnectedAsync());
                Check.That(!error.Retryable, "it may not work later");
                reason = error.CloseReason;
            }
            return reason;
        }
    }
}
