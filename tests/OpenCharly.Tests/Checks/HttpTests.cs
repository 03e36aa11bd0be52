using OpenCharly.Checks;

namespace OpenCharly.Tests.Checks;

/// <summary>Requests with curl, and without it.</summary>
public sealed class HttpTests : IDisposable
{
    private readonly CheckLab _lab = new();

    public void Dispose() => _lab.Dispose();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Answers_are_judged_by_status_header_and_body(bool hasCurl)
    {
        if (!Prepare(hasCurl)) return;
        await using var web = new WebServer();
        await _lab.ProveAsync($"{{http: '{web.Url}/hello'}}", $"{{http: '{web.Url}/nothing'}}", "status 200", "status 404");
        await _lab.ProveAsync($"{{http: '{web.Url}/nothing', status: [403, 404]}}", $"{{http: '{web.Url}/hello', status: 404}}", "status 404", "status 200");
        await _lab.ProveAsync($"{{http: '{web.Url}/hello', body: hello}}", $"{{http: '{web.Url}/hello', body: [{{contains: bye}}]}}", "body containing \"bye\"", "hello");
        await _lab.ProveAsync($"{{http: '{web.Url}/hello', header: {{x-flavour: sour}}}}", $"{{http: '{web.Url}/hello', header: {{X-Flavour: {{contains: sweet}}}}}}", "X-Flavour containing", "sour");
        await _lab.ProveAsync($"{{http: '{web.Url}/hello', header: 'X-Flavour: sour'}}", $"{{http: '{web.Url}/hello', header: [{{contains: Sweet}}]}}", "headers containing", "X-Flavour");
        await _lab.ProveAsync($"{{http: '{web.Url}/moved', body: hello}}", $"{{http: '{web.Url}/moved', no_follow_redirects: true}}", "status 200", "status 302");
        await _lab.ProveAsync($"{{http: '{web.Url}/echo', request_body: 'a=\"b\"&c=1', status: 201, body: 'POST a=\"b\"&c=1'}}", $"{{http: '{web.Url}/echo', method: PUT, request_body: x, body: POST x}}", "POST x", "PUT x");
        await _lab.ProveAsync($"{{http: '{web.Url}/', method: HEAD, status: 204}}", $"{{http: '{web.Url}/', status: 204}}", "status 204", "status 404");
        await _lab.ProveAsync($"{{http: '{web.Url}/chunks', body: hello}}", $"{{http: '{web.Url}/around', body: x}}", "", "");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task No_answer_is_a_failure_with_the_reason(bool hasCurl)
    {
        if (!Prepare(hasCurl)) return;
        var web = new WebServer();
        var url = web.Url;
        await web.DisposeAsync();
        var result = Assert.Single(await _lab.RunAsync($"- {{http: '{url}/'}}"));
        Assert.Equal((CheckStatus.Fail, "no answer"), (result.Status, result.Actual));
        Assert.Contains("connect", result.Message, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task Certificates_are_verified_unless_that_is_not_wanted()
    {
        if (!Prepare(hasCurl: true)) return;
        await using var web = new WebServer(tls: true);
        File.WriteAllText(Path.Combine(_lab.Home, "ca.pem"), web.Pem);
        await _lab.ProveAsync($"{{http: '{web.Url}/hello', allow_insecure: true}}", $"{{http: '{web.Url}/hello'}}", "status 200", "no answer");
        await _lab.ProveAsync($"{{http: '{web.Url}/hello', ca_file: '${{HOME}}/ca.pem'}}", $"{{http: '{web.Url}/hello', ca_file: /etc/passwd}}", "status 200", "no answer");
    }

    [Fact]
    public async Task Https_without_curl_is_skipped()
    {
        Prepare(hasCurl: false);
        var result = Assert.Single(await _lab.RunAsync("- http: https://127.0.0.1/"));
        Assert.Equal((CheckStatus.Skip, "https needs curl on the target, and there is none"), (result.Status, result.Message));
    }

    private bool Prepare(bool hasCurl)
    {
        if (hasCurl && !File.Exists("/usr/bin/curl")) return false;
        if (!hasCurl) _lab.OnlyPrograms("bash", "mkdir", "rm", "timeout", "cat", "sed", "base64", "head", "tr");
        return true;
    }
}
