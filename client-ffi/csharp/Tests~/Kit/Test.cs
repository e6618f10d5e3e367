using System;
using System.Linq;
using System.Reflection;
using System.Text;
using System.Threading.Tasks;

namespace Pitaya.Tests
{
    /// <summary>Marks a class whose tests count what the process holds: nothing else may run meanwhile.</summary>
    [AttributeUsage(AttributeTargets.Class)]
    internal sealed class AloneAttribute : Attribute
    {
    }

    /// <summary>One method.</summary>
    internal sealed class Test
    {
        private readonly Type _type;
        private readonly MethodInfo _method;
        private readonly bool _ownSockets;

        /// <param name="ownSockets">The client is one whose sockets are this program's.</param>
        internal Test(Type type, MethodInfo method, bool ownSockets)
        {
            _type = type;
            _method = method;
            _ownSockets = ownSockets;
        }

        internal bool IsAlone => _type.IsDefined(typeof(AloneAttribute), false);

        /// <summary>The method's name as the table of scenarios writes names.</summary>
        internal string Name => NameOf(_method);

        internal static string NameOf(MethodInfo method)
        {
            var name = new StringBuilder();
            foreach (var letter in method.Name)
            {
                if (char.IsUpper(letter) && name.Length > 0) name.Append('-');
                name.Append(char.ToLowerInvariant(letter));
            }
            return name.ToString();
        }

        public override string ToString()
        {
            return _type.Name + " " + Name + (_ownSockets ? " (own sockets)" : "");
        }

        /// <summary>What went wrong; null for nothing.</summary>
        internal string Run()
        {
            var bed = (Bed)Activator.CreateInstance(_type);
            bed.OwnSockets = _ownSockets;
            try
            {
                Loop.Run(async () =>
                {
                    try
                    {
                        // What hangs inside of it is told first.
                        if (_method.Invoke(bed, null) is Task test) await Bed.Soon(test, 2);
                    }
                    finally
                    {
                        bed.End();
                    }
                });
                return null;
            }
            catch (Exception error)
            {
                var cause = error is TargetInvocationException ? error.InnerException : error;
                return cause.ToString();
            }
        }
    }
}
