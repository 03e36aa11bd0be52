using OpenCharly.Foundation;
using OpenCharly.Yaml;

namespace OpenCharly.Model;

/// <summary>Reads <c>cloud_init:</c> of a vm entity (vm.md §5.1).</summary>
internal static class VmCloudInitReader
{
    /// <summary>The sudo rule that <c>sudo: true</c> stands for.</summary>
    internal const string FullSudo = "ALL=(ALL) NOPASSWD:ALL";

    /// <summary>Reads the part.</summary>
    public static VmCloudInit Read(YamlBinder body)
    {
        var hostname = Line(body, "hostname");
        if (hostname is not null && Uri.CheckHostName(hostname) is not UriHostNameType.Dns) body.Report(Errors.VmValidation, $"\"{hostname}\" can't be a host name", "Use letters, digits, dashes and dots.", body.At("hostname"));
        var install = body.Map("charly_install") is { } map ? new YamlBinder(map, body.What + ".charly_install", body.Problems) : null;
        var strategy = install is null ? null : VmReader.Choice(install, "strategy", ["auto", "scp", "url", "skip", "none"], "auto")!;
        if (strategy == "none") strategy = "skip";
        var url = install is null ? null : Line(install, "url");
        var checksum = install is null ? null : Line(install, "checksum");
        if (strategy == "url" && url is null) install!.Report(Errors.VmValidation, "the strategy url needs \"url\"", "Say where the guest fetches charly from.", install.Mapping.Position);
        if (strategy == "url" && url is not null && (checksum is null || !IsDigest(checksum))) install!.Report(Errors.VmValidation, checksum is null ? "the strategy url needs \"checksum\"" : $"\"checksum\" is \"{checksum}\"", "Write it as sha256: and 64 hexadecimal digits.", install.Mapping.Position);
        install?.RejectUnknown(Errors.CfgUnknownKey);
        var read = new VmCloudInit
        {
            Hostname = hostname,
            Timezone = Line(body, "timezone"),
            Locale = Line(body, "locale"),
            Users = Users(body),
            Packages = Packages(body),
            RunCommands = Commands(body, "runcmd"),
            BootCommands = Commands(body, "bootcmd"),
            Files = Files(body),
            Network = body.Map("network"),
            Mirrors = Mirrors(body),
            InstallStrategy = strategy,
            InstallUrl = url,
            InstallChecksum = checksum,
            Extra = Extra(body),
        };
        body.RejectUnknown(Errors.CfgUnknownKey);
        return read;
    }

    private static bool IsDigest(string text) => text.Length == 71 && text.StartsWith("sha256:", StringComparison.Ordinal) && text[7..].All(char.IsAsciiHexDigitLower);

    private static List<CloudInitUser> Users(YamlBinder body)
    {
        var users = new List<CloudInitUser>();
        foreach (var user in Maps(body, "users"))
        {
            var name = user.Text("name") ?? "";
            if (!Names.IsUser(name)) user.Report(Errors.VmValidation, name.Length == 0 ? "\"name\" is missing" : $"\"{name}\" can't be a user", "Use a-z, 0-9, dashes and underscores.", user.At("name"));
            if (users.Any(u => u.Name == name)) user.Report(Errors.VmValidation, $"the user \"{name}\" is declared twice", "Remove one.", user.At("name"));
            var sudo = Line(user, "sudo");
            var rule = sudo is null ? null : YamlBinder.ParseBoolean(sudo) switch { true => FullSudo, false => null, null => sudo };
            var groups = user.TextList("groups").SelectMany(g => g.Split([',', ' '], StringSplitOptions.RemoveEmptyEntries)).ToArray();
            foreach (var group in groups.Where(g => !Names.IsUser(g))) user.Report(Errors.VmValidation, $"\"{group}\" can't be a group", "Use a-z, 0-9, dashes and underscores.", user.At("groups"));
            var shell = Line(user, "shell");
            if (shell is not null && !shell.StartsWith('/')) user.Report(Errors.VmValidation, $"\"shell\" is \"{shell}\"", "Give an absolute path.", user.At("shell"));
            users.Add(new CloudInitUser(name, rule, groups, shell, user.Boolean("lock_passwd")));
            user.RejectUnknown(Errors.CfgUnknownKey);
        }

        return users;
    }

    private static List<CloudInitFile> Files(YamlBinder body)
    {
        var files = new List<CloudInitFile>();
        foreach (var file in Maps(body, "write_files"))
        {
            var path = Line(file, "path") ?? "";
            if (!path.StartsWith('/') || Patterns.Climbs(path)) file.Report(Errors.VmValidation, path.Length == 0 ? "\"path\" is missing" : $"\"path\" is \"{path}\"", "Give an absolute path.", file.At("path"));
            var mode = file.Text("perms", "permissions");
            if (mode is not null && !Patterns.Mode().IsMatch(mode)) file.Report(Errors.VmValidation, $"\"{mode}\" can't be a mode", "Use octal digits with a leading zero, such as 0644.", file.At("perms"));
            files.Add(new CloudInitFile(path, file.Text("content") ?? "", Line(file, "owner"), mode, VmReader.Choice(file, "encoding", ["", "b64", "gz", "gz+b64"], null)));
            file.RejectUnknown(Errors.CfgUnknownKey);
        }

        return files;
    }

    private static IReadOnlyList<string> Packages(YamlBinder body)
    {
        var packages = body.TextList("package", "packages");
        foreach (var package in packages.Where(p => !Names.IsPackage(p))) body.Report(Errors.VmValidation, $"\"{package}\" can't name a package", "Use the name as the package manager spells it.", body.At("package"));
        return packages;
    }

    // A command may be a list of words, as cloud-init has it; the shell form of the same is kept.
    private static List<string> Commands(YamlBinder body, string key)
    {
        var commands = new List<string>();
        foreach (var item in body.Items(key))
        {
            if (item is YamlScalar scalar) commands.Add(scalar.Text);
            else if (item is YamlSequence words && words.Items.All(w => w is YamlScalar) && words.Items.All(w => !((YamlScalar)w).Text.Contains('\0'))) commands.Add(Shell.Join(words.Items.Select(w => ((YamlScalar)w).Text)));
            else body.Report(Errors.YamlType, $"\"{key}\" holds {item.Description}", "Write a command line, or a list of words.", item.Position);
        }

        return commands;
    }

    private static IReadOnlyDictionary<string, string> Mirrors(YamlBinder body)
    {
        if (body.Map("mirrors") is not { } map) return new Dictionary<string, string>();
        var mirrors = new YamlBinder(map, body.What + ".mirrors", body.Problems);
        foreach (var key in new[] { "apt", "dnf", "pacman" })
        {
            if (Line(mirrors, key) is { } address && (address.Contains(' ') || !Uri.TryCreate(address, UriKind.Absolute, out _))) mirrors.Report(Errors.VmValidation, $"\"{key}\" is \"{address}\"", "Give an address.", mirrors.At(key));
        }

        mirrors.RejectUnknown(Errors.CfgUnknownKey);
        return body.TextMap("mirrors");
    }

    private static string? Extra(YamlBinder body)
    {
        switch (body.Node("extra"))
        {
            case null:
                return null;
            case YamlMapping map:
                var editor = new YamlEditor("", "extra");
                foreach (var entry in map.Entries) editor.Set([entry.Key.Text], YamlValue.From(entry.Value));
                return editor.Text;
            case YamlScalar scalar:
                try
                {
                    if (YamlReader.Read(scalar.Text, scalar.Position.File) is [YamlMapping]) return scalar.Text;
                    body.Report(Errors.VmValidation, "\"extra\" is not one YAML mapping", "Write cloud-config keys, such as ntp:.", scalar.Position);
                }
                catch (CharlyException e)
                {
                    body.Report(Errors.VmValidation, $"\"extra\": {e.Message}", "Write cloud-config keys, such as ntp:.", scalar.Position);
                }

                return null;
            case var other:
                body.Report(Errors.YamlType, $"\"extra\" must be a mapping, not {other.Description}", "Write cloud-config keys, such as ntp:.", other.Position);
                return null;
        }
    }

    private static IEnumerable<YamlBinder> Maps(YamlBinder body, string key)
    {
        foreach (var item in body.Items(key))
        {
            if (item is YamlMapping map) yield return new YamlBinder(map, $"{body.What}.{key}", body.Problems);
            else body.Report(Errors.YamlType, $"\"{key}\" must hold mappings, not {item.Description}", "Write its fields as key: value.", item.Position);
        }
    }

    private static string? Line(YamlBinder binder, string key) =>
        CandyScope.Line(binder, Errors.VmValidation, key) is { Length: > 0 } text ? text : null;
}
