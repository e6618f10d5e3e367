using System;
using Pitaya;
using UnityEngine;

/// <summary>Joins the chat's lobby. Put it on an object of a scene; it polls once per frame.</summary>
public sealed class ChatRoom : MonoBehaviour
{
    [Serializable]
    private sealed class User
    {
        public string name;
        public string room;
    }

    [Serializable]
    private sealed class Line
    {
        public string from;
        public string text;
    }

    [Serializable]
    private sealed class Members
    {
        public string[] names;
    }

    [Serializable]
    private sealed class Say
    {
        public string text;
        public string key;
    }

    [Serializable]
    private sealed class Nothing
    {
    }

    [SerializeField] private string url = "ws://127.0.0.1:3250/";
    [SerializeField] private string player = "unity";

    private PitayaClient client;
    private NetworkReachability network;

    /// <summary>Says a line; a button may call it. It waits for the connection if that is lost.</summary>
    public async void Speak(string text)
    {
        try
        {
            var line = new Say { text = text, key = Guid.NewGuid().ToString() };
            await client.RequestAsync<Say, Nothing>("room.say", line, new CallOptions { Queue = Queue.Wait() });
        }
        catch (PitayaException error)
        {
            Debug.Log(error.Code + ": " + error.Message);
        }
    }

    private async void Start()
    {
#if UNITY_ANDROID && !UNITY_EDITOR
        AndroidTrust.Install();
#endif
        network = Application.internetReachability;
        client = PitayaClient.Create(url, new PitayaOptions
        {
            Pump = Pump.Manual,
            UserJson = JsonUtility.ToJson(new User { name = player, room = "lobby" }),
            ClientInfo = new ClientInfo { Version = Application.version },
        });
        client.On<Line>("onLine", line => Debug.Log(line.from + ": " + line.text));
        client.StateChanged += state => Debug.Log(state);
        try
        {
            client.Connect();
            await client.ConnectedAsync();
            var members = await client.RequestAsync<Nothing, Members>("room.who", new Nothing());
            Debug.Log("in the lobby: " + string.Join(", ", members.names));
        }
        catch (PitayaException error)
        {
            Debug.Log(error.Code + ": " + error.Message);
        }
        catch (ObjectDisposedException)
        {
            // The scene was left meanwhile.
        }
    }

    private void Update()
    {
        if (client == null) return;
        client.Poll();
        if (network == Application.internetReachability) return;
        network = Application.internetReachability;
        client.NetworkChanged(network != NetworkReachability.NotReachable);
    }

    private void OnApplicationPause(bool paused)
    {
        if (client == null) return;
        if (paused) client.Pause();
        else client.Resume();
    }

    private void OnDestroy()
    {
        client?.Dispose();
    }
}
