using OpenCharly.Foundation;
using OpenCharly.Yaml;

namespace OpenCharly.Model;

/// <summary>Reads what a candy needs from others and gives to them: variables, secrets, MCP endpoints, artifacts, Android packages.</summary>
internal sealed class CandyNeedsReader(CandyScope scope)
{
    private static readonly string[] ApkSources = ["apk-pure", "google-play", "f-droid", "huawei-app-gallery"];

    /// <summary>A <c>*_require</c> or <c>*_accept</c> list.</summary>
    /// <param name="body">The candy.</param>
    /// <param name="key">The list.</param>
    /// <param name="isVariable">Whether names become environment variables.</param>
    public IReadOnlyList<CandyRequirement> Requirements(YamlBinder body, string key, bool isVariable)
    {
        var all = new List<CandyRequirement>();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var item in scope.BindItems(body, key))
        {
            var name = CandyScope.Required(item, Errors.CandyRequirement, "name");
            var description = item.Text("description");
            if (string.IsNullOrWhiteSpace(description) && !item.IsNoText("description")) item.Report(Errors.CandyRequirement, name.Length > 0 ? $"\"{name}\" has no description" : "\"description\" is missing", "Say in one line what it is for.", item.At("description"));
            if (name.Length > 0 && !(isVariable ? Names.IsVariable(name) : Patterns.Alias().IsMatch(name)))
            {
                item.Report(Errors.CandyRequirement, $"\"{name}\" can't be a name here", isVariable ? "It becomes an environment variable: use letters, digits, underscores." : "Use letters, digits, dots, dashes, underscores.", item.At("name"));
            }

            var store = item.Text("key");
            if (store is not null && !Patterns.SecretKey().IsMatch(store)) item.Report(Errors.CandyRequirement, $"\"{store}\" is no credential path", "Write charly/<service>/<name> in lower case.", item.At("key"));
            var standard = item.Text("default");
            scope.IgnoreUnknown(item);
            if (!seen.Add(name)) item.Report(Errors.CandyRequirement, $"\"{name}\" is listed twice", "Remove one.", item.At("name"));
            else all.Add(new CandyRequirement(name, description ?? "", store, standard));
        }

        return all;
    }

    /// <summary>Reports variables that stand in several of the four lists, or are given to others although secret.</summary>
    public static void CheckLists(YamlBinder body, Candy candy)
    {
        var lists = new (string Key, IReadOnlyList<CandyRequirement> List)[]
        {
            ("env_require", candy.EnvRequire), ("env_accept", candy.EnvAccept), ("secret_require", candy.SecretRequire), ("secret_accept", candy.SecretAccept),
        };
        foreach (var group in lists.SelectMany(l => l.List.Select(r => (r.Name, l.Key))).GroupBy(p => p.Name).Where(g => g.Count() > 1))
        {
            body.Report(
                Errors.CandyRequirement, $"\"{group.Key}\" is in {string.Join(" and ", group.Select(p => p.Key))}", "Keep it in one list.", NameIn(body, group.Last().Key, group.Key));
        }

        var secrets = candy.SecretRequire.Concat(candy.SecretAccept).Select(s => s.Name).ToHashSet(StringComparer.Ordinal);
        foreach (var name in candy.EnvProvide.Keys.Where(secrets.Contains))
        {
            body.Report(Errors.CandyRequirement, $"\"{name}\" is a secret and also in env_provide", "Secrets are not given to other deployments; remove one.", body.NameAt("env_provide", name));
        }
    }

    private static SourcePosition NameIn(YamlBinder body, string list, string name) =>
        body.Items(list).OfType<YamlMapping>().FirstOrDefault(i => (i["name"] as YamlScalar)?.Text == name)?["name"]?.Position ?? body.At(list);

    /// <summary>Mounted secrets.</summary>
    public IReadOnlyList<CandySecret> Secrets(YamlBinder body)
    {
        var secrets = new List<CandySecret>();
        foreach (var secret in scope.BindItems(body, "secret"))
        {
            var name = CandyScope.Required(secret, Errors.CandyRequirement, "name");
            var variable = CandyScope.Required(secret, Errors.CandyRequirement, "env");
            if (name.Length > 0 && !Patterns.Alias().IsMatch(name)) secret.Report(Errors.CandyRequirement, $"\"{name}\" can't name a secret", "Use letters, digits, dots, dashes, underscores.", secret.At("name"));
            if (variable.Length > 0 && !Names.IsVariable(variable)) secret.Report(Errors.CandyRequirement, $"\"{variable}\" can't name a variable", "Use letters, digits, underscores.", secret.At("env"));
            var target = CandyScope.Line(secret, Errors.CandyRequirement, "target") ?? $"/run/secrets/{name}";
            if (!target.StartsWith('/') || Patterns.Climbs(target)) secret.Report(Errors.CandyRequirement, $"\"target\" is \"{target}\"", "Give an absolute path.", secret.At("target"));
            scope.IgnoreUnknown(secret);
            secrets.Add(new CandySecret(name, variable, target));
        }

        return secrets;
    }

    /// <summary>Variables given to other deployments.</summary>
    public static IReadOnlyDictionary<string, string> EnvProvide(YamlBinder body)
    {
        var given = body.TextMap("env_provide");
        foreach (var (name, value) in given)
        {
            if (!Names.IsVariable(name)) body.Report(Errors.CandyRequirement, $"env_provide: \"{name}\" can't name a variable", "Use letters, digits, underscores.", body.NameAt("env_provide", name));
            CheckTemplate(body, $"env_provide.{name}", value, body.ValueAt("env_provide", name));
        }

        return given;
    }

    /// <summary>Offered MCP endpoints.</summary>
    public IReadOnlyList<McpEndpoint> McpProvide(YamlBinder body)
    {
        var all = new List<McpEndpoint>();
        foreach (var item in scope.BindItems(body, "mcp_provide"))
        {
            var name = CandyScope.Required(item, Errors.CandyRequirement, "name");
            var url = CandyScope.Required(item, Errors.CandyRequirement, "url");
            var transport = item.Text("transport") ?? "http";
            if (name.Length > 0 && !Patterns.Alias().IsMatch(name)) item.Report(Errors.CandyRequirement, $"\"{name}\" can't name an endpoint", "Use letters, digits, dots, dashes, underscores.", item.At("name"));
            if (transport is not ("http" or "sse")) item.Report(Errors.CandyRequirement, $"\"transport\" is \"{transport}\"", "Use http or sse.", item.At("transport"));
            CheckTemplate(item, "url", url, item.At("url"));
            scope.IgnoreUnknown(item);
            all.Add(new McpEndpoint(name, url, transport));
        }

        return all;
    }

    /// <summary>Android packages.</summary>
    public IReadOnlyList<ApkPackage> Apks(YamlBinder body)
    {
        var all = new List<ApkPackage>();
        foreach (var apk in scope.BindItems(body, "apk"))
        {
            var read = new ApkPackage(Line("package"), Line("apk"), Line("source"), Line("arch"), Line("version"));
            if ((read.Package is null) == (read.Apk is null) && !apk.IsNoText("package") && !apk.IsNoText("apk")) apk.Report(Errors.CandyApk, read.Apk is null ? "neither \"package\" nor \"apk\"" : "both \"package\" and \"apk\"", "Give one: a package id, or a committed file.", apk.Mapping.Position);
            if (read.Source is { } source && (read.Apk is not null || !ApkSources.Contains(source))) apk.Report(Errors.CandyApk, $"\"source\" is \"{source}\"", $"With \"package\" use one of {string.Join(", ", ApkSources)}; with \"apk\" leave it out.", apk.At("source"));
            if (read.Apk is { } file && (file.StartsWith('/') || Patterns.Climbs(file))) apk.Report(Errors.CandyApk, $"\"{file}\" is not a file of the candy", "Give a relative path inside the candy.", apk.At("apk"));
            scope.IgnoreUnknown(apk);
            all.Add(read with { Source = read.Package is null ? null : read.Source ?? "apk-pure" });

            string? Line(string key)
            {
                var text = CandyScope.Line(apk, Errors.CandyApk, key);
                if (apk.Node(key) is YamlScalar { Text: "" }) apk.Report(Errors.CandyApk, $"\"{key}\" is empty", "Write it, or remove it.", apk.At(key));
                return text;
            }
        }

        return all;
    }

    /// <summary>Files fetched back.</summary>
    public IReadOnlyList<CandyArtifact> Artifacts(YamlBinder body)
    {
        var all = new List<CandyArtifact>();
        foreach (var artifact in scope.BindItems(body, "artifact"))
        {
            var name = CandyScope.Required(artifact, Errors.CandyRequirement, "name");
            var path = CandyScope.Required(artifact, Errors.CandyRequirement, "path");
            var to = CandyScope.Required(artifact, Errors.CandyRequirement, "retrieve_to");
            var mode = artifact.Text("mode");
            if (path.Length > 0 && !Patterns.IsAnchored(path)) artifact.Report(Errors.CandyRequirement, $"\"path\" is \"{path}\"", "Give an absolute path on the target.", artifact.At("path"));
            if (mode is not null && !Patterns.Mode().IsMatch(mode)) artifact.Report(Errors.CandyRequirement, $"\"{mode}\" can't be a mode", "Use octal digits with a leading zero, such as 0600.", artifact.At("mode"));
            var rewrites = new List<(string, string)>();
            foreach (var item in artifact.Items("rewrite"))
            {
                if (item is not YamlMapping map)
                {
                    artifact.Report(Errors.YamlType, $"a rewrite must be a mapping, not {item.Description}", "Write find: and replace: below it.", item.Position);
                    continue;
                }

                var rewrite = new YamlBinder(map, artifact.What + " rewrite", artifact.Problems);
                rewrites.Add((CandyScope.Required(rewrite, Errors.CandyRequirement, "find"), rewrite.Text("replace") ?? ""));
                scope.IgnoreUnknown(rewrite);
            }

            var wait = artifact.Integer("wait_second", "wait_seconds") ?? 0;
            if (wait is < 0 or > 86_400) artifact.Report(Errors.CandyRequirement, $"\"wait_second\" is {wait}", "Use 0 to 86400.", artifact.At("wait_second"));
            all.Add(new CandyArtifact(name, path, to, mode, wait, rewrites, artifact.Boolean("optional") ?? false));
            scope.IgnoreUnknown(artifact);
        }

        return all;
    }

    private static void CheckTemplate(YamlBinder binder, string field, string value, SourcePosition at)
    {
        foreach (System.Text.RegularExpressions.Match match in Patterns.Template().Matches(value))
        {
            if (Patterns.KnownTemplate().IsMatch(match.Groups[1].Value)) continue;
            binder.Report(
                Errors.CandyRequirement, $"\"{field}\" uses the unknown template \"{match.Value}\"",
                "Use {{.ContainerName}}, {{.HostPort N}} or {{.ContainerPort N}}.", at);
        }
    }
}
