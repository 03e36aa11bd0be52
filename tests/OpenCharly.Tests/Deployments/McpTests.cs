using System.Net;
using OpenCharly.Foundation;
using OpenCharly.Operations;
using OpenCharly.Tests.Pods;

namespace OpenCharly.Tests.Deployments;

/// <summary>MCP servers of pods, asked by their published ports (deploy.md §12).</summary>
public sealed class McpTests : IDisposable
{
    private readonly PodLab _lab = new();
    private readonly HttpListener _listener = new();
    private readonly int _port;

    public McpTests()
    {
        using (var free = new System.Net.Sockets.TcpListener(IPAddress.Loopback, 0))
        {
            free.Start();
            _port = ((IPEndPoint)free.LocalEndpoint).Port;
        }

        _listener.Prefixes.Add($"http://127.0.0.1:{_port}/");
        _listener.Start();
        _ = AnswerAsync();
        _lab.Write("""
            deploy:
              notes: {box: notes}
            provides:
              mcp:
                - {name: good, url: "http://charly-notes:8888/mcp", transport: http, source: notes}
                - {name: hidden, url: "http://charly-notes:9999/mcp", transport: http, source: notes}
                - {name: web, url: "http://charly-notes:8888/page", transport: http, source: notes}
                - {name: other, url: "http://charly-else:1/mcp", transport: http, source: else}

            """);
        _lab.Containers = $$"""[{"Names":["charly-notes"],"Image":"notes","State":"running","Status":"Up 1 second","Ports":[{"host_ip":"127.0.0.1","host_port":{{_port}},"container_port":8888,"protocol":"tcp","range":1}]}]""";
    }

    public void Dispose()
    {
        _listener.Close();
        _lab.Dispose();
    }

    [Fact]
    public async Task Each_server_of_the_pod_is_asked_and_those_of_others_are_not()
    {
        var answers = await new PingMcp(_lab.Context).RunAsync("notes");
        Assert.Equal([("good", true), ("hidden", false), ("web", false)], answers.Select(a => (a.Name, a.Answers)));
        Assert.Equal($"http://127.0.0.1:{_port}/mcp", answers[0].Url);
        Assert.Equal("port 9999 is not published on this machine", answers[1].Detail);
        Assert.Equal("it answers, but with text/html", answers[2].Detail);
    }

    [Fact]
    public async Task A_pod_that_provides_none_is_an_error_with_those_that_do()
    {
        var error = await Assert.ThrowsAsync<CharlyException>(() => new PingMcp(_lab.Context).RunAsync("note"));
        Assert.Equal(Errors.PodNotFound, error.Code);
        Assert.Contains("notes", error.Help, StringComparison.Ordinal);
    }

    private async Task AnswerAsync()
    {
        while (_listener.IsListening)
        {
            HttpListenerContext call;
            try
            {
                call = await _listener.GetContextAsync();
            }
            catch (Exception e) when (e is HttpListenerException or ObjectDisposedException)
            {
                return;
            }

            call.Response.ContentType = call.Request is { HttpMethod: "POST", Url.AbsolutePath: "/mcp" } ? "application/json" : "text/html";
            await call.Response.OutputStream.WriteAsync("{}"u8.ToArray());
            call.Response.Close();
        }
    }
}
