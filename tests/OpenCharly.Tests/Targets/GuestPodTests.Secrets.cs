using OpenCharly.Boxes;
using OpenCharly.Execution;
using OpenCharly.Foundation;
using OpenCharly.Model;
using OpenCharly.Pods;
using OpenCharly.Pods.Secrets;
using OpenCharly.Targets;
using OpenCharly.Yaml;

namespace OpenCharly.Tests.Targets;

/// <summary>Secrets of a pod in a guest: the operator has the values, and the guest's engine gets them through a pipe.</summary>
public sealed partial class GuestPodTests
{
    private const string Canary = "c4n4ry-'7f3e'\n$(false)";

    private static readonly BoxLabels Vault = new()
    {
        Version = "2026.1.0001",
        Secrets = [new("db-password", "DB_PASSWORD", ""), new("tls-key", "", "")],
        SecretAccept = [new("SMTP_PASSWORD", "mail", null, null)],
        SecretRequire = [new("LICENSE", "the licence", "charly/licence/vault", null)],
    };

    [Fact]
    public async Task Values_reach_the_guests_engine_and_no_argument_note_entry_or_text_of_ours()
    {
        var pod = WithSecrets(Canary + "1", Canary + "2");
        Assert.False(await WithAsync(g => g.StandsAsync(pod, "one", default)));
        Assert.Equal("started", await DeployAsync(pod));
        Assert.Equal(Canary + "1", await File.ReadAllTextAsync(At("state/secret-charly-shop-db-password")));
        Assert.Equal(Canary + "2", await File.ReadAllTextAsync(At("state/secret-charly-shop-license")));
        Assert.True(await WithAsync(g => g.StandsAsync(pod, "one", default)));
        var files = Directory.GetFiles(_folder, "*", SearchOption.AllDirectories).Where(f => !Path.GetFileName(f).StartsWith("secret-", StringComparison.Ordinal));
        Assert.DoesNotContain(files, f => File.ReadAllText(f).Contains("c4n4ry", StringComparison.Ordinal));
        Assert.DoesNotContain("c4n4ry", $"{pod}{string.Join(' ', pod.Secrets)}", StringComparison.Ordinal);
        var entry = await File.ReadAllTextAsync(At("home/.config/charly/charly.yml"));
        Assert.Equal(["db-password=engine", "LICENSE=engine"], SourcesIn(entry));
    }

    [Fact]
    public async Task A_credential_follows_its_source_and_restarts_the_pod_and_a_secret_of_the_image_stays()
    {
        await DeployAsync(WithSecrets("one", "two"));
        var changed = WithSecrets("other", "three");
        Assert.False(await WithAsync(g => g.StandsAsync(changed, "one", default)));
        Assert.Equal("restarted", await DeployAsync(changed));
        Assert.Equal(("one", "three"), (await File.ReadAllTextAsync(At("state/secret-charly-shop-db-password")), await File.ReadAllTextAsync(At("state/secret-charly-shop-license"))));
        Assert.True(await WithAsync(g => g.StandsAsync(changed, "one", default)));
        Assert.Equal("runs as before", await DeployAsync(changed));

        // One that is gone there is sent again.
        File.Delete(At("state/secret-charly-shop-db-password"));
        Assert.False(await WithAsync(g => g.StandsAsync(changed, "one", default)));
        Assert.Equal("restarted", await DeployAsync(changed));
        Assert.Equal("other", await File.ReadAllTextAsync(At("state/secret-charly-shop-db-password")));
    }

    [Fact]
    public async Task What_the_operator_has_is_found_as_for_a_pod_here_and_nothing_is_made_up()
    {
        await File.WriteAllTextAsync(At("tls.key"), "key\n");
        var store = Store(new Dictionary<string, string> { ["DB_PASSWORD"] = "from-variable" });
        await store.SetAsync(new CredentialAddress("charly/licence", "vault"), "from-store");
        var warnings = new List<string>();
        var sent = await FindAsync(store, $"{{box: vault, secret: [{{name: tls-key, source: 'file:{At("tls.key")}'}}, {{name: odd}}]}}", new Dictionary<string, string> { ["DB_PASSWORD"] = "from-variable" }, warnings);
        Assert.Equal(
            [("charly-shop-db-password", "from-variable", false), ("charly-shop-tls-key", "key", false), ("charly-shop-license", "from-store", true)],
            sent.Select(s => (s.Name, s.Value, s.IsReplaced)));
        Assert.Equal("the image has no secret \"odd\": its source is not used", Assert.Single(warnings));
        Assert.Empty(await FindAsync(Store([]), "{box: vault, secret: [{name: LICENSE, source: engine}]}", [], []));
    }

    [Fact]
    public async Task A_credential_in_plain_text_goes_to_the_engine_and_not_into_the_guests_file()
    {
        var warnings = new List<string>();
        var body = "{box: vault, env: {LICENSE: plain, KEEP: me}}";
        var sent = await FindAsync(Store([]), body, [], warnings);
        Assert.Equal(("charly-shop-license", "plain"), (Assert.Single(sent).Name, sent[0].Value));
        Assert.StartsWith("LICENSE is a credential", Assert.Single(warnings), StringComparison.Ordinal);
        var written = Printed(Entry(body), sent);
        Assert.DoesNotContain("plain", written, StringComparison.Ordinal);
        Assert.Contains("KEEP", written, StringComparison.Ordinal);
        Assert.Equal(["LICENSE=engine"], SourcesIn("deploy: {shop: " + written + "}"));
    }

    [Theory]
    [InlineData("env:NOT_SET", "NOT_SET")]
    [InlineData("file:/no/such/file", "/no/such/file")]
    public async Task An_override_whose_source_is_missing_here_is_an_error_with_its_place(string source, string named)
    {
        var error = await Assert.ThrowsAsync<CharlyException>(() => FindAsync(Store([]), $"{{box: vault, secret: [{{name: db-password, source: '{source}'}}]}}", new Dictionary<string, string> { ["DB_PASSWORD"] = "fallback" }, []));
        Assert.Equal((Errors.PodSecret, 1), (error.Code, error.Position?.Line));
        Assert.Contains(named, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_guest_that_refuses_a_secret_is_named_without_its_value()
    {
        Program("podman", "[ \"$1 $2\" != \"secret create\" ] || { cat >/dev/null; echo 'driver is out of order' >&2; exit 125; }; exit 1");
        var error = await Assert.ThrowsAsync<CharlyException>(() => DeployAsync(WithSecrets(Canary, Canary)));
        Assert.Equal(Errors.GuestPod, error.Code);
        Assert.Contains("driver is out of order", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("c4n4ry", error.ToString(), StringComparison.Ordinal);
        Assert.False(File.Exists(At("home/.config/charly/charly.yml")));
    }

    private static GuestPodRequest WithSecrets(string password, string license)
    {
        SentSecret[] sent = [new("charly-shop-db-password", password) { Declared = "db-password" }, new("charly-shop-license", license) { Declared = "LICENSE", IsReplaced = true }];
        return new GuestPodRequest("shop", GuestPod.EntryOf(Entry("{box: vault, secret: [{name: db-password, source: 'env:OTHER'}]}"), null, "shop", sent)) { Secrets = sent };
    }

    private static Deployment Entry(string body)
    {
        var problems = new List<Problem>();
        var read = DeploymentReader.Read((YamlMapping)YamlReader.Read(body, "charly.yml")[0], "shop", isBed: false, problems);
        Assert.Empty(problems);
        return read;
    }

    private static string Printed(Deployment entry, IReadOnlyList<SentSecret> sent)
    {
        var editor = new YamlEditor("", "x");
        foreach (var (key, value) in GuestPod.EntryOf(entry, null, "shop", sent)) editor.Set([key], value);
        return "{" + string.Join(", ", ((YamlMapping)YamlReader.Read(editor.Text, "x")[0]).Entries.Select(e => e.Key.Text switch
        {
            "secret" => "secret: [" + string.Join(", ", ((YamlSequence)e.Value).Items.Select(i => $"{{name: {Word(i, "name")}, source: {Word(i, "source")}}}")) + "]",
            "env" => "env: {" + string.Join(", ", ((YamlMapping)e.Value).Entries.Select(v => $"{v.Key.Text}: {((YamlScalar)v.Value).Text}")) + "}",
            _ => $"{e.Key.Text}: {((YamlScalar)e.Value).Text}",
        })) + "}";
    }

    private static IEnumerable<string> SourcesIn(string text)
    {
        var entries = (YamlMapping)((YamlMapping)YamlReader.Read(text, "x")[0])["deploy"]!;
        return ((YamlSequence)((YamlMapping)entries["shop"]!)["secret"]!).Items.Select(i => $"{Word(i, "name")}={Word(i, "source")}");
    }

    private static string Word(YamlNode item, string key) => ((YamlScalar)((YamlMapping)item)[key]!).Text;

    private static Task<IReadOnlyList<SentSecret>> FindAsync(CredentialStore store, string body, Dictionary<string, string> variables, List<string> warnings) => new SentSecrets(
        new SecretChain(store, new CharlyEnvironment { Variables = variables, Home = "/nonexistent", WorkingDirectory = "/" })).FindAsync(PodEntryReader.Read(Entry(body)), Vault, warnings, CancellationToken.None);

    private CredentialStore Store(Dictionary<string, string> variables)
    {
        variables["CHARLY_SECRET_BACKEND"] = "config";
        var environment = new CharlyEnvironment { Variables = variables, Home = At("operator"), WorkingDirectory = _folder };
        return new CredentialStore(environment, new HostPaths(environment), new ProcessRunner(environment));
    }
}
