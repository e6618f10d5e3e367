using System;
using System.Collections.Generic;

namespace Pitaya.Native
{
    /// <summary>Who hears the pushes of one route.</summary>
    internal abstract class Listener
    {
        /// <summary>Takes a push. What it throws is the application's failure.</summary>
        internal abstract void Hear(byte[] body);

        /// <summary>No further push will come.</summary>
        internal abstract void End();
    }

    /// <summary>The routes that are listened to. A push is found by the bytes of its route, so that no text is made for it.</summary>
    internal sealed class Subscriptions
    {
        private sealed class Route
        {
            internal byte[] Name;

            /// <summary>Replaced, never changed: who walks over it is not disturbed.</summary>
            internal Listener[] Listeners;
        }

        private volatile Route[] _routes = new Route[0];

        /// <summary>Adds a listener; tells whether it is the first one of its route.</summary>
        internal bool Add(byte[] name, Listener listener)
        {
            var index = Array.FindIndex(_routes, route => Same(route.Name, name));
            if (index >= 0)
            {
                var heard = new List<Listener>(_routes[index].Listeners) { listener };
                _routes[index].Listeners = heard.ToArray();
                return false;
            }
            var routes = new List<Route>(_routes) { new Route { Name = name, Listeners = new[] { listener } } };
            _routes = routes.ToArray();
            return true;
        }

        /// <summary>Removes a listener; tells whether it was the last one of its route.</summary>
        internal bool Remove(byte[] name, Listener listener)
        {
            var index = Array.FindIndex(_routes, route => Same(route.Name, name));
            if (index < 0) return false;
            _routes[index].Listeners = Array.FindAll(_routes[index].Listeners, other => other != listener);
            if (_routes[index].Listeners.Length > 0) return false;
            var routes = new List<Route>(_routes);
            routes.RemoveAt(index);
            _routes = routes.ToArray();
            return true;
        }

        /// <summary>Who listens to a route; null for nobody.</summary>
        internal unsafe Listener[] Find(NativeBytes name)
        {
            var bytes = (byte*)name.Data;
            var length = (int)name.Length;
            foreach (var route in _routes)
            {
                if (route.Name.Length != length) continue;
                var at = 0;
                while (at < length && route.Name[at] == bytes[at]) at++;
                if (at == length) return route.Listeners;
            }
            return null;
        }

        /// <summary>Forgets everybody.</summary>
        internal List<Listener> Clear()
        {
            var all = new List<Listener>();
            foreach (var route in _routes) all.AddRange(route.Listeners);
            _routes = new Route[0];
            return all;
        }

        private static bool Same(byte[] left, byte[] right)
        {
            if (left.Length != right.Length) return false;
            for (var at = 0; at < left.Length; at++)
            {
                if (left[at] != right[at]) return false;
            }
            return true;
        }
    }
}
