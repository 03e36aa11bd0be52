using System.Globalization;
using System.Text;
using OpenCharly.Foundation;
using OpenCharly.Model;

namespace OpenCharly.Checks.Probes;

/// <summary>
/// Sends a request: with curl where it is installed, else, without TLS, over a connection of the shell's own.
/// </summary>
/// <param name="check">The request, and what is expected of the answer.</param>
/// <param name="url">Where to, if not where the check says: after a redirect.</param>
/// <param name="redirects">How many redirects led here.</param>
internal sealed class HttpProbe(HttpCheck check, string? url = null, int redirects = 0) : Probe
{
    private const int MaxRedirects = 10;

    // Addresses and bodies may hold tokens, so they travel in files and not in argument lists.
    private const string Fetch = """
        c_http() {
          local r
          if [ -z "$6" ] && command -v curl >/dev/null 2>&1; then
            c_value via curl
            builtin printf '%s' "$1" >"$d/$n.cfg"
            set -- "$2"
            [ -z "$1" ] || builtin printf '%s' "$1" >"$d/$n.body"
            curl -q -K "$d/$n.cfg" ${1:+--data-binary "@$d/$n.body"} -o "$d/$n.out" -D "$d/$n.head" >"$d/$n.status" 2>"$d/$n.err" </dev/null
            r=$?
            c_value code "$r"
            c_text status "$d/$n.status"
            c_text head "$d/$n.head"
            c_text body "$d/$n.out"
            c_text err "$d/$n.err"
          elif [ -n "$3" ]; then
            c_value via shell
            builtin printf '%s' "$1" | sed -n 's/^# //p' | base64 -d >"$d/$n.request"
            c_limit "$5" bash -c 'exec 3<>"/dev/tcp/$1/$2" && cat "$3" >&3 && cat <&3' charly "$3" "$4" "$d/$n.request" >"$d/$n.out" 2>"$d/$n.err" </dev/null
            c_value code $?
            c_text answer "$d/$n.out"
            c_text err "$d/$n.err"
          else
            c_value via none
          fi
        }
        """;

    private static readonly TimeSpan DefaultLimit = TimeSpan.FromSeconds(10);

    private readonly Uri _uri = new(url ?? check.Url);
    private readonly TimeSpan _limit = check.Timeout ?? DefaultLimit;

    public override IReadOnlyList<string> Functions => [Fetch];

    public override string Script
    {
        get
        {
            var isPlain = _uri.Scheme == Uri.UriSchemeHttp;
            var words = new[]
            {
                Settings(), check.RequestBody ?? "", isPlain ? _uri.IdnHost.Trim('[', ']') : "", _uri.Port.ToString(CultureInfo.InvariantCulture),
                Seconds, redirects > 0 ? "shell" : "",
            };
            return $"c_http {Shell.Join(words)}";
        }
    }

    private string Seconds => _limit.TotalSeconds.ToString("0.###", CultureInfo.InvariantCulture);

    public override Verdict Judge(ProbeOutput output)
    {
        if (output["via"] is "none" or null) return Verdict.Skip("https needs curl on the target, and there is none");
        var isCurl = output["via"] == "curl";
        var answer = isCurl ? HttpAnswer.FromCurl(output.Text("status"), output.Text("head"), output.Text("body")) : HttpAnswer.Parse(output.Text("answer"));
        if (answer is null)
        {
            var why = output.Lines("err") is [.., var last] ? last : output.Number("code") == 124 ? "timeout" : "no answer";
            return Verdict.Fail(check.Status.Count > 0 ? $"status {Any(check.Status)}" : "an answer", "no answer", output.Number("code") is 28 or 124 ? $"no answer within {Seconds} s" : why);
        }

        if (!isCurl && !check.NoFollowRedirects && answer.Location(_uri) is { } next)
        {
            if (redirects >= MaxRedirects) return Verdict.Fail("an answer", $"more than {MaxRedirects} redirects");
            return next.Scheme == Uri.UriSchemeHttp
                ? new Verdict(CheckStatus.Fail) { Next = new HttpProbe(check, next.AbsoluteUri, redirects + 1) }
                : Verdict.Skip($"{check.Url} leads to {next.Scheme}, which needs curl on the target, and there is none");
        }

        return Judge(answer);
    }

    private Verdict Judge(HttpAnswer answer)
    {
        if (check.Status.Count > 0 && !check.Status.Contains(answer.Status)) return Verdict.Fail($"status {Any(check.Status)}", $"status {answer.Status}", First(answer.Body));
        if (Matching.Mismatch(check.HeaderText, string.Join('\n', answer.Headers.Select(h => $"{h.Name}: {h.Value}"))) is { } header)
        {
            return Verdict.Fail($"headers {header}", string.Join("; ", answer.Headers.Select(h => h.Name)));
        }

        foreach (var (name, matcher) in check.Headers)
        {
            var value = string.Join(", ", answer.Headers.Where(h => h.Name.Equals(name, StringComparison.OrdinalIgnoreCase)).Select(h => h.Value));
            if (Matching.Mismatch(matcher, value) is { } wrong) return Verdict.Fail($"{name} {wrong}", Matching.Quote(value));
        }

        return Matching.Mismatch(check.Body, answer.Body.TrimEnd('\r', '\n')) is { } body
            ? Verdict.Fail($"body {body}", Matching.Quote(answer.Body))
            : Verdict.Pass(answer.Body.TrimEnd('\r', '\n'));
    }

    private static string Any(IReadOnlyList<int> codes) => string.Join(" or ", codes);

    private static string? First(string body) => body.Length == 0 ? null : Matching.Quote(body);

    // curl's configuration; the request for the shell's own connection travels in its last line, which curl ignores.
    private string Settings()
    {
        var text = new StringBuilder();
        void Set(string name, string value) => text.Append($"{name} = \"{value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"\n");
        Set("url", _uri.AbsoluteUri);
        Set("proto", "=http,https");
        Set("noproxy", "localhost,127.0.0.1,::1");
        Set("max-time", Seconds);
        Set("write-out", "%{http_code}");
        text.Append("silent\nshow-error\ngloboff\n");
        if (check.Method == "HEAD") text.Append("head\n");
        else if (check.Method != (check.RequestBody is null ? "GET" : "POST")) Set("request", check.Method);
        if (!check.NoFollowRedirects) text.Append($"location\nmax-redirs = {MaxRedirects}\n");
        if (check.AllowInsecure) text.Append("insecure\n");
        if (check.CaFile is { } file) Set("cacert", file);
        return text.Append("# ").Append(Convert.ToBase64String(Encoding.UTF8.GetBytes(Request()))).Append('\n').ToString();
    }

    private string Request()
    {
        var body = check.RequestBody ?? "";
        var length = body.Length > 0 ? $"Content-Length: {Encoding.UTF8.GetByteCount(body)}\r\nContent-Type: application/x-www-form-urlencoded\r\n" : "";
        return $"{check.Method} {_uri.PathAndQuery} HTTP/1.0\r\nHost: {_uri.Authority}\r\nUser-Agent: charly\r\nAccept: */*\r\nConnection: close\r\n{length}\r\n{body}";
    }
}
