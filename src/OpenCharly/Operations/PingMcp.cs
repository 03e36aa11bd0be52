using System.Diagnostics;
using System.Net.Http.Headers;
using System.Text;
using OpenCharly.Foundation;
using OpenCharly.Model;
using OpenCharly.Pods;
using OpenCharly.Yaml;

namespace OpenCharly.Operations;

/// <summary>What an MCP server answered.</summary>
/// <param name="Name">Name of the server.</param>
/// <param name="Source">Deploy key of the pod that provides it.</param>
/// <param name="Url">Where it was asked: from this machine, so by the published port.</param>
/// <param name="Answers">Whether it answered as an MCP server does.</param>
/// <param name="Detail">What it said, or why it could not be asked.</param>
/// <param name="Duration">How long that took.</param>
public sealed record McpAnswer(string Name, string Source, string Url, bool Answers, string Detail, TimeSpan Duration);

/// <summary>Asks the MCP servers that a pod provides whether they are there (<c>eval mcp ping</c>, deploy.md §12).</summary>
/// <param name="context">What it works with.</param>
public sealed class PingMcp(CharlyContext context)
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    private const string Hello =
        """{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-03-26","capabilities":{},"clientInfo":{"name":"charly","version":"1"}}}""";

    /// <summary>Asks each of them.</summary>
    /// <param name="name">Deploy key of the pod.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>An answer for each server, in the order of the per-host file. One that is not there is an answer, not an error.</returns>
    /// <exception cref="CharlyException"><see cref="Errors.PodNotFound"/> if nothing of that name provides a server.</exception>
    public async Task<IReadOnlyList<McpAnswer>> RunAsync(string name, CancellationToken cancellationToken = default)
    {
        var all = Provides.Read(new HostFile(context.Paths).Read()?["provides"] as YamlMapping).Mcp;
        var own = all.Where(m => m.Source == name).ToArray();
        if (own.Length == 0)
        {
            throw new CharlyException(
                Errors.PodNotFound, $"\"{name}\" provides no MCP server",
                Nearest.Suggest(name, all.Select(m => m.Source), all.Count == 0 ? "A pod provides what its image says, once it is configured." : $"Servers are provided by: {string.Join(", ", all.Select(m => m.Source).Distinct(StringComparer.Ordinal))}."), target: name);
        }

        var pods = await new GetPods(context).RunAsync(new PodQuery(), cancellationToken).ConfigureAwait(false);
        using var client = new HttpClient { Timeout = Limit };
        var answers = new List<McpAnswer>();
        foreach (var server in own) answers.Add(await AskAsync(client, server, pods, cancellationToken).ConfigureAwait(false));
        return answers;
    }

    private static async Task<McpAnswer> AskAsync(HttpClient client, ProvidedMcp server, IReadOnlyList<CharlyPod> pods, CancellationToken cancellationToken)
    {
        var begin = Stopwatch.GetTimestamp();
        if (!Uri.TryCreate(server.Url, UriKind.Absolute, out var inside) || inside.Scheme is not ("http" or "https")) return new McpAnswer(server.Name, server.Source, server.Url, false, "its address is no http address", TimeSpan.Zero);
        var address = inside;

        // Its own name is known on the pods' network only.
        if (pods.FirstOrDefault(p => p.Container == inside.Host) is { } pod)
        {
            if (pod.Ports.FirstOrDefault(p => p.ContainerPort == inside.Port) is not { } port) return new McpAnswer(server.Name, server.Source, server.Url, false, $"port {inside.Port} is not published on this machine", TimeSpan.Zero);
            address = new UriBuilder(inside) { Host = port.HostIp is "" or "0.0.0.0" ? "127.0.0.1" : port.HostIp, Port = port.HostPort }.Uri;
        }

        var (answers, detail) = await PostAsync(client, address, server.Transport == "sse", cancellationToken).ConfigureAwait(false);
        return new McpAnswer(server.Name, server.Source, address.ToString(), answers, detail, Stopwatch.GetElapsedTime(begin));
    }

    private static async Task<(bool Answers, string Detail)> PostAsync(HttpClient client, Uri address, bool isStream, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(isStream ? HttpMethod.Get : HttpMethod.Post, address);
        if (!isStream)
        {
            request.Content = new StringContent(Hello, Encoding.UTF8, "application/json");
            request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
        }

        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("text/event-stream"));
        try
        {
            using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken).ConfigureAwait(false);
            if (!response.IsSuccessStatusCode) return (false, $"it answers {(int)response.StatusCode}");
            var type = response.Content.Headers.ContentType?.MediaType ?? "";
            return type is "text/event-stream" || (type is "application/json" && !isStream) ? (true, type) : (false, $"it answers, but with {(type.Length == 0 ? "no type" : type)}");
        }
        catch (HttpRequestException e)
        {
            return (false, e.Message);
        }
        catch (TaskCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return (false, $"no answer within {Limit.TotalSeconds:0} s");
        }
    }
}
