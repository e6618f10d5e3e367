using System.Runtime.CompilerServices;

// Tests hand in sockets, and compare the layout of structs.
[assembly: InternalsVisibleTo("Pitaya.Client.Tests")]
