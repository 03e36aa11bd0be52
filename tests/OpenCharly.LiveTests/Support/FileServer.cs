using System.Net;
using OpenCharly.Vms;

namespace OpenCharly.LiveTests.Support;

/// <summary>Serves one file over HTTP on a free port, and counts how often it was asked for.</summary>
public sealed class FileServer : IDisposable
{
    private readonly HttpListener _listener = new();
    private readonly string _file;
    private int _requests;

    public FileServer(string file)
    {
        _file = file;
        Port = PortAllocator.Allocate(null, new HashSet<int>());

        // A guest calls this machine by another name than this machine does.
        _listener.Prefixes.Add($"http://*:{Port}/");
        _listener.Start();
        _ = ServeAsync();
    }

    public int Port { get; }

    public int Requests => _requests;

    public void Dispose() => _listener.Close();

    private async Task ServeAsync()
    {
        try
        {
            while (true)
            {
                var context = await _listener.GetContextAsync();
                Interlocked.Increment(ref _requests);
                using var response = context.Response;
                await using var content = File.OpenRead(_file);
                response.ContentLength64 = content.Length;
                await content.CopyToAsync(response.OutputStream);
            }
        }
        catch (Exception e) when (e is HttpListenerException or ObjectDisposedException)
        {
            // The test is over.
        }
    }
}
