using OpenCharly.Foundation;
using OpenCharly.Yaml;

namespace OpenCharly.Model;

/// <summary>Reads the <c>service:</c> list of a candy (candy-and-plan.md §3.5).</summary>
internal sealed class CandyServiceReader(CandyScope scope, bool hasPackages)
{
    private static readonly string[] UnitSuffixes = [".service", ".timer", ".socket", ".path", ".target", ".mount", ".slice"];
    private static readonly string[] RestartPolicies = ["always", "no", "on-failure", "unless-stopped"];

    /// <summary>The services, in order; those with problems are reported.</summary>
    public IReadOnlyList<CandyService> Read(YamlBinder body)
    {
        var services = scope.BindItems(body, "service").Select(ReadService).OfType<CandyService>().ToArray();
        foreach (var group in services.GroupBy(s => (s.Name, IsPackaged: s.PackagedUnit is not null)).Where(g => g.Count() > 1))
        {
            scope.Report(
                Errors.ServiceForm, "service", $"the {(group.Key.IsPackaged ? "packaged" : "custom")} service \"{group.Key.Name}\" is declared twice",
                "Give each a name of its own.", group.ElementAt(1).Position);
        }

        return services;
    }

    private CandyService? ReadService(YamlBinder service)
    {
        var name = CandyScope.Required(service, Errors.ServiceForm, "name");
        if (name.Length > 0 && (!Names.IsUnit(name) || name.Contains("..", StringComparison.Ordinal)))
        {
            service.Report(Errors.ServiceForm, $"\"{name}\" can't name a service", "Use letters, digits, dots, dashes, underscores.", service.At("name"));
        }

        var exec = Command(service);
        var packaged = service.Text("use_packaged");
        if ((exec is null) == (packaged is null) && !service.IsNoText("exec") && !service.IsNoText("use_packaged"))
        {
            service.Report(
                Errors.ServiceForm, exec is null ? "neither \"exec\" nor \"use_packaged\"" : "both \"exec\" and \"use_packaged\"",
                "Give one: a command line, or the unit that a package brings.", service.Mapping.Position);
        }

        var overrides = service.Map("overrides") is { } map ? Overrides(scope.Bind(map, $"service \"{name}\" overrides")) : null;
        service.Accept("kind");
        var events = CandyScope.Line(service, Errors.ServiceValue, "event", "events");
        var read = new CandyService
        {
            Name = name,
            Position = service.Mapping.Position,
            IsUser = Choice(service, "scope", "system", "user") == "user",
            Enable = service.Boolean("enable") ?? false,
            PackagedUnit = packaged is null ? null : Unit(service, packaged),
            Exec = exec,
            Environment = Environment(service),
            Restart = Restart(service),
            WorkingDirectory = CandyScope.Line(service, Errors.ServiceValue, "working_directory"),
            User = Account(service),
            After = Units(service, "after"),
            Before = Units(service, "before"),
            WantedBy = Units(service, "wanted_by"),
            StandardOutput = Output(service),
            StopTimeout = Seconds(service, "stop_timeout"),
            Overrides = overrides,
            Events = Choice(service, "kind", "program", "eventlistener") == "eventlistener" ? events ?? "PROCESS_STATE" : null,
            AutoStart = service.Boolean("auto_start", "autostart"),
            StartSeconds = Seconds(service, "start_sec", "start_secs"),
            StartRetries = Seconds(service, "start_retry", "start_retries"),
            ExitCodes = ExitCodes(service),
            StopSignal = Signal(service),
            Priority = service.Integer("priority"),
        };
        scope.IgnoreUnknown(service);
        return name.Length == 0 || (exec is null && packaged is null) ? null : read;
    }

    private string Unit(YamlBinder service, string unit)
    {
        if (!Names.IsUnit(unit) || unit.Contains("..", StringComparison.Ordinal))
        {
            service.Report(Errors.ServicePackaged, $"\"{unit}\" can't name a unit", "Give the unit's bare name, such as sshd.service.", service.At("use_packaged"));
        }
        else if (!hasPackages)
        {
            service.Report(Errors.ServicePackaged, $"\"{unit}\" comes from no package", "Add the package that brings it, or use exec.", service.At("use_packaged"));
        }

        return UnitSuffixes.Any(s => unit.EndsWith(s, StringComparison.Ordinal)) ? unit : unit + ".service";
    }

    private ServiceOverrides Overrides(YamlBinder overrides)
    {
        var read = new ServiceOverrides(
            Environment(overrides), Units(overrides, "after"), Command(overrides));
        scope.IgnoreUnknown(overrides);
        return read;
    }

    private static IReadOnlyDictionary<string, string> Environment(YamlBinder service)
    {
        var environment = service.TextMap("env");
        foreach (var (name, value) in environment)
        {
            if (!Names.IsVariable(name)) service.Report(Errors.CandyVariable, $"\"{name}\" can't name a variable", "Use letters, digits and underscores.", service.NameAt("env", name));
            if (!Patterns.IsOneLine(value.TrimEnd('\n'))) service.Report(Errors.ServiceValue, $"the value of \"{name}\" holds a line break or control character", "A unit file can't hold it; write one line.", service.ValueAt("env", name));
        }

        return environment;
    }

    // A command may be broken over lines; both init systems are given it as one.
    private static string? Command(YamlBinder service)
    {
        if (service.Text("exec")?.TrimEnd('\n') is not { } exec) return null;
        if (string.IsNullOrWhiteSpace(exec)) service.Report(Errors.ServiceForm, "\"exec\" is empty", "Write the command line.", service.At("exec"));
        if (exec.Split('\n').All(Patterns.IsOneLine)) return exec;
        service.Report(Errors.ServiceValue, "\"exec\" holds a control character", "Remove it.", service.At("exec"));
        return "";
    }

    private static string? Restart(YamlBinder service)
    {
        var restart = service.Text("restart");
        if (restart is null) return null;
        var policy = YamlBinder.ParseBoolean(restart) switch { false => "no", true => "always", null => restart };
        if (RestartPolicies.Contains(policy)) return policy;
        service.Report(Errors.ServiceValue, $"\"restart\" is \"{restart}\"", $"Use one of {string.Join(", ", RestartPolicies)}.", service.At("restart"));
        return null;
    }

    private static string? Account(YamlBinder service)
    {
        var user = service.Text("user");
        if (user is null || Patterns.TaskUser().IsMatch(user)) return user;
        service.Report(Errors.ServiceValue, $"\"{user}\" can't be a user", "Use a name of a-z 0-9 _ -, or a uid.", service.At("user"));
        return null;
    }

    private static IReadOnlyList<string> Units(YamlBinder service, string key)
    {
        var units = service.TextList(key);
        foreach (var unit in units.Where(u => !Names.IsUnit(u)))
        {
            service.Report(Errors.ServiceValue, $"\"{key}\" holds \"{unit}\", which can't name a unit", "Give bare unit names, such as network-online.target.", service.ItemAt(key, unit));
        }

        return units;
    }

    private static string? Output(YamlBinder service)
    {
        var output = CandyScope.Line(service, Errors.ServiceValue, "stdout");
        if (output is null or "journal") return null;
        if (output == "none" || (output.StartsWith("file:", StringComparison.Ordinal) && Patterns.IsAnchored(output[5..].Replace("%(ENV_HOME)s", "${HOME}", StringComparison.Ordinal)) && !Patterns.Climbs(output))) return output;
        service.Report(Errors.ServiceValue, $"\"stdout\" is \"{output}\"", "Use journal, none, or file: and an absolute path.", service.At("stdout"));
        return null;
    }

    // 90s and 2m are usual where systemd reads such a value.
    private static int? Seconds(YamlBinder service, string key, params string[] aliases)
    {
        var written = service.Node(key, aliases) is YamlScalar { Text: [.., >= 'a' and <= 'z'] text } && Durations.TryParse(text, out var duration) && duration.Milliseconds == 0 ? (int)duration.TotalSeconds : (int?)null;
        if ((written ?? service.Integer(key, aliases)) is not { } number) return null;
        if (number is >= 0 and <= 86_400) return number;
        service.Report(Errors.ServiceValue, $"\"{key}\" is {number}", "Use a number from 0 to 86400.", service.At(key));
        return null;
    }

    private static string? ExitCodes(YamlBinder service)
    {
        var codes = string.Join(',', service.TextList("exit_code", "exit_codes"));
        if (codes.Length == 0) return null;
        if (codes.Split(',').All(c => int.TryParse(c.Trim(), out var code) && code is >= 0 and <= 255)) return codes;
        service.Report(Errors.ServiceValue, $"\"exit_code\" is \"{codes}\"", "Use numbers from 0 to 255, separated by commas.", service.At("exit_code"));
        return null;
    }

    private static string? Signal(YamlBinder service)
    {
        var signal = service.Text("stop_signal");
        if (signal is null || Patterns.Signal().IsMatch(signal)) return signal;
        service.Report(Errors.ServiceValue, $"\"stop_signal\" is \"{signal}\"", "Use a signal name, such as SIGTERM or QUIT.", service.At("stop_signal"));
        return null;
    }

    private static string Choice(YamlBinder service, string key, string first, string second)
    {
        var value = service.Text(key) ?? first;
        if (value == first || value == second) return value;
        service.Report(Errors.ServiceValue, $"\"{key}\" is \"{value}\"", $"Use {first} or {second}.", service.At(key));
        return first;
    }
}
