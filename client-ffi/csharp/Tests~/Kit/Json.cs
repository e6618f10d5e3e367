using System.Collections.Generic;
using System.Linq;
using System.Runtime.Serialization.Json;
using System.Text;
using System.Xml;

namespace Pitaya.Tests
{
    /// <summary>A JSON value of any form.</summary>
    internal sealed class Json
    {
        private readonly XmlElement _element;

        private Json(XmlElement element)
        {
            _element = element;
        }

        internal string Text => _element.InnerText;

        internal int Number => int.Parse(_element.InnerText);

        internal bool IsTrue => _element.InnerText == "true";

        internal IEnumerable<Json> Items => Elements.Select(element => new Json(element));

        /// <summary>The members of an object, as texts.</summary>
        internal Dictionary<string, string> Members => Elements.ToDictionary(NameOf, element => element.InnerText);

        /// <summary>A member of an object; null where there is none, or it is null.</summary>
        internal Json this[string name]
        {
            get
            {
                var found = Elements.FirstOrDefault(element => NameOf(element) == name);
                return found == null || found.GetAttribute("type") == "null" ? null : new Json(found);
            }
        }

        private IEnumerable<XmlElement> Elements => _element.ChildNodes.OfType<XmlElement>();

        internal static Json Read(string text)
        {
            var document = new XmlDocument();
            using (var reader = JsonReaderWriterFactory.CreateJsonReader(Encoding.UTF8.GetBytes(text), XmlDictionaryReaderQuotas.Max)) document.Load(reader);
            return new Json(document.DocumentElement);
        }

        /// <summary>Names that are none in XML stand in an attribute.</summary>
        private static string NameOf(XmlElement element)
        {
            return element.HasAttribute("item") ? element.GetAttribute("item") : element.LocalName;
        }
    }
}
