using System.Collections.Generic;
using System.Globalization;
using System.Text;

namespace Pitaya.Native
{
    /// <summary>
    /// Reads the JSON object of texts in which the library hands over an error's metadata. It is the library that writes it, so that there is
    /// nothing else in it.
    /// </summary>
    internal static class StringMap
    {
        internal static Dictionary<string, string> Read(string json)
        {
            var map = new Dictionary<string, string>();
            var at = 0;
            while (NextText(json, ref at, out var name) && NextText(json, ref at, out var value)) map[name] = value;
            return map;
        }

        private static bool NextText(string json, ref int at, out string text)
        {
            text = null;
            var open = json.IndexOf('"', at);
            if (open < 0) return false;
            var read = new StringBuilder();
            for (at = open + 1; at < json.Length && json[at] != '"'; at++) read.Append(Character(json, ref at));
            at++;
            text = read.ToString();
            return true;
        }

        private static char Character(string json, ref int at)
        {
            if (json[at] != '\\' || at + 1 >= json.Length) return json[at];
            at++;
            switch (json[at])
            {
                case 'b': return '\b';
                case 'f': return '\f';
                case 'n': return '\n';
                case 'r': return '\r';
                case 't': return '\t';
                case 'u':
                    var digits = at + 4 < json.Length ? json.Substring(at + 1, 4) : "";
                    if (!ushort.TryParse(digits, NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var unit)) return '\uFFFD';
                    at += 4;
                    return (char)unit;
                default: return json[at];
            }
        }
    }
}
