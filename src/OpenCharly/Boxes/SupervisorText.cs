using System.Globalization;
using System.Text;
using OpenCharly.Foundation;
using OpenCharly.Model;
using OpenCharly.Plans;

namespace OpenCharly.Boxes;

/// <summary>The configuration of supervisord (candy-and-plan.md §3.5): a head, and one fragment a service or relay.</summary>
internal static class SupervisorText
{
    /// <summary>Where it lies in the image.</summary>
    public const string Path = "/etc/supervisord.conf";

    private const string Head =
        """
        [unix_http_server]
        file=/tmp/supervisor.sock

        [supervisord]
        nodaemon=true
        logfile=/dev/null
        logfile_maxbytes=0
        pidfile=/tmp/supervisord.pid

        [rpcinterface:supervisor]
        supervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface

        [supervisorctl]
        serverurl=unix:///tmp/supervisor.sock

        """;

    /// <summary>The services of candies that supervisord runs: of a pair of one name the custom half.</summary>
    public static IEnumerable<(Candy Candy, CandyService Service)> Services(IEnumerable<Candy> candies) =>
        candies.SelectMany(c => c.Services.Where(s => s.PackagedUnit is null).Select(s => (c, s)));

    /// <summary>The whole file.</summary>
    public static string Whole(IEnumerable<Candy> candies, BoxUser user) => Head + "\n" + Fragments(candies, user);

    /// <summary>The fragments of some candies, an empty line between two.</summary>
    public static string Fragments(IEnumerable<Candy> candies, BoxUser user)
    {
        var all = candies.ToList();
        return string.Join('\n', Services(all).Select(s => Program(s.Candy, s.Service, user)).Concat(all.SelectMany(c => c.PortRelays).Distinct().Select(Relay)));
    }

    private static string Relay(int port) => string.Create(CultureInfo.InvariantCulture, $"""
        [program:relay-{port}]
        command=/usr/local/bin/relay-wrapper {port}
        autostart=true
        autorestart=true
        priority=1
        stdout_logfile=/dev/fd/1
        stdout_logfile_maxbytes=0
        redirect_stderr=true

        """);

    private static string Program(Candy candy, CandyService service, BoxUser user)
    {
        var text = new StringBuilder();
        var isListener = service.Events is not null;
        Add($"[{(isListener ? "eventlistener" : "program")}:{service.Name}]");
        Add($"command={Home(OneLine(service.Exec ?? ""), user)}");
        if (isListener) Add($"events={service.Events}");
        if ((service.AutoStart ?? (isListener ? null : true)) is { } auto) Add($"autostart={Word(auto)}");
        Add($"autorestart={Word(service.Restart != "no")}");
        if (service.StartRetries is { } retries) Add($"startretries={retries}");
        if (service.StartSeconds is { } seconds) Add($"startsecs={seconds}");
        if (service.ExitCodes is { } codes) Add($"exitcodes={codes}");
        if (service.StopSignal is { } signal) Add($"stopsignal={(signal.StartsWith("SIG", StringComparison.Ordinal) ? signal[3..] : signal)}");
        if (service.StopTimeout is { } wait) Add($"stopwaitsecs={wait}");
        if (service.Priority is { } priority) Add($"priority={priority}");
        if (service.WorkingDirectory is { } folder) Add($"directory={Home(folder, user)}");
        if (service.User is { } account) Add($"user={(account == "${USER}" ? user.Name : account)}");
        if (service.Environment.Count > 0) Add("environment=" + string.Join(',', service.Environment.OrderBy(e => e.Key, StringComparer.Ordinal).Select(e => $"{e.Key}=\"{Escape(Home(e.Value, user))}\"")));
        var file = service.StandardOutput is { } output && output.StartsWith("file:", StringComparison.Ordinal) ? Home(output[5..], user) : null;
        Add($"stdout_logfile={file ?? (service.StandardOutput == "none" ? "/dev/null" : "/dev/fd/1")}");
        if (file is null) Add("stdout_logfile_maxbytes=0");
        if (!isListener) Add("redirect_stderr=true");
        return text.ToString();

        void Add(string line)
        {
            // A line break would begin a line, or a section, that nobody wrote.
            if (line.AsSpan().ContainsAny('\n', '\r', '\0'))
            {
                throw new CharlyException(
                    Errors.ServiceValue, $"candy {candy.Name}: service {service.Name} holds a line break in {line.Split('=')[0]}", "Write it on one line.", service.Position, candy.Name);
            }

            text.Append(CultureInfo.InvariantCulture, $"{line}\n");
        }
    }

    // A command that a candy breaks over lines, with or without backslashes, is one command.
    private static string OneLine(string command) => command.Contains('\n')
        ? string.Join(' ', command.Split('\n').Select(l => l.Trim().TrimEnd('\\').TrimEnd()).Where(l => l.Length > 0))
        : command;

    private static string Word(bool value) => value ? "true" : "false";

    private static string Escape(string text) => text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal);

    private static string Home(string text, BoxUser user) =>
        HomeToken.Expand(text.Replace("%(ENV_HOME)s", HomeToken.Token, StringComparison.Ordinal), user.Home);
}
