using OpenCharly.Foundation;
using OpenCharly.Operations;

namespace OpenCharly.Tests.Pods;

/// <summary>Values of secrets reach the engine through a pipe, and no other place than the store.</summary>
public sealed class SecretTests : IDisposable
{
    private const string Canary = "c4n4ry-7f3e";
    private readonly PodLab _lab = new();

    public SecretTests() => _lab.Add("vault:2026.1.0001", PodCases.Plain with
    {
        Version = "2026.1.0001", Box = "vault",
        Secrets = [new("db-password", "DB_PASSWORD", ""), new("tls-key", "", "")],
        SecretAccept = [new("SMTP_PASSWORD", "mail", null, null)],
        SecretRequire = [new("LICENSE", "the licence", "charly/licence/vault", null)],
    });

    public void Dispose() => _lab.Dispose();

    [Theory]
    [InlineData("quadlet")]
    [InlineData("direct")]
    public async Task A_value_is_in_no_argument_file_of_ours_event_or_result(string mode)
    {
        _lab.Variables["CHARLY_RUN_MODE"] = mode;
        _lab.Variables["LICENSE"] = Canary + "-license";
        _lab.Variables["OTHER"] = Canary + "-other";
        File.WriteAllText(Path.Combine(_lab.Home, "tls.key"), Canary + "-tls\n");
        _lab.Write("deploy:\n  vault:\n    box: vault\n    secret: [{name: db-password, source: 'env:OTHER'}, {name: tls-key, source: 'file:~/tls.key'}]\n");
        var result = await _lab.ConfigureAsync("vault", r => r with { Environment = [$"SMTP_PASSWORD={Canary}-smtp"] });
        Assert.Equal(Canary + "-other", _lab.Secrets["charly-vault-db-password"]);
        Assert.Equal(Canary + "-tls", _lab.Secrets["charly-vault-tls-key"]);
        Assert.Equal(Canary + "-license", _lab.Secrets["charly-vault-license"]);
        Assert.Equal(Canary + "-smtp", _lab.Secrets["charly-vault-smtp-password"]);

        // The store and the user's own file are where values belong.
        Assert.DoesNotContain(_lab.Photograph().Where(f => !f.Contains("config.yml ", StringComparison.Ordinal) && !f.Contains("tls.key ", StringComparison.Ordinal)), f => f.Contains(Canary, StringComparison.Ordinal));
        Assert.DoesNotContain(_lab.Commands, c => c.Contains(Canary, StringComparison.Ordinal));
        Assert.DoesNotContain(_lab.Notices, n => n.Contains(Canary, StringComparison.Ordinal));
        Assert.DoesNotContain(Canary, string.Concat(result.Files.Select(f => f.Text)) + result, StringComparison.Ordinal);
        Assert.Equal(AtomicFile.Private, File.GetUnixFileMode(Path.Combine(_lab.Home, ".config/charly/config.yml")));
    }

    [Fact]
    public async Task An_engine_that_refuses_a_secret_is_named_without_its_value()
    {
        _lab.Variables["LICENSE"] = Canary;
        _lab.Play = r => r.Arguments is ["secret", "create", ..] ? PodLab.Failed("driver is out of order") : null;
        var error = await Assert.ThrowsAsync<CharlyException>(() => _lab.ConfigureAsync("vault"));
        Assert.Equal(Errors.ImageEngine, error.Code);
        Assert.DoesNotContain(Canary, error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_made_up_secret_is_kept_in_the_store_and_stays_on_the_next_run()
    {
        _lab.Variables["LICENSE"] = "x";
        await _lab.ConfigureAsync("vault");
        var first = _lab.Secrets["charly-vault-db-password"];
        Assert.Equal(44, first.Length);
        await _lab.ConfigureAsync("vault");
        Assert.Equal(first, _lab.Secrets["charly-vault-db-password"]);

        // Renewed, it comes from the store, where the value is the same.
        _lab.Secrets.Clear();
        await _lab.ConfigureAsync("vault", r => r with { RefreshSecrets = ["all"] });
        Assert.Equal(first, _lab.Secrets["charly-vault-db-password"]);
    }

    [Fact]
    public async Task A_credential_is_replaced_from_its_source_each_time_and_an_optional_one_without_value_has_no_line()
    {
        _lab.Variables["LICENSE"] = "one";
        await _lab.ConfigureAsync("vault");
        _lab.Variables["LICENSE"] = "two";
        await _lab.ConfigureAsync("vault");
        Assert.Equal("two", _lab.Secrets["charly-vault-license"]);
        var text = File.ReadAllText(_lab.Quadlet("charly-vault.container"));
        Assert.Contains("Secret=charly-vault-license,type=env,target=LICENSE\n", text, StringComparison.Ordinal);
        Assert.DoesNotContain("smtp", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_secret_that_the_engine_was_given_is_used_and_never_replaced_and_one_that_it_lacks_is_an_error()
    {
        _lab.Variables["LICENSE"] = "from-variable";
        _lab.Write("deploy:\n  vault:\n    box: vault\n    secret:\n    - {name: LICENSE, source: engine}\n    - {name: db-password, source: engine}\n");
        var before = _lab.Photograph();
        var error = await Assert.ThrowsAsync<CharlyException>(() => _lab.ConfigureAsync("vault"));
        Assert.Equal((Errors.PodSecret, 6), (error.Code, error.Position?.Line));
        Assert.Contains("the engine has no charly-vault-db-password", error.Message, StringComparison.Ordinal);
        Assert.Equal(before, _lab.Photograph());

        _lab.Secrets["charly-vault-license"] = "sent";
        _lab.Secrets["charly-vault-db-password"] = "sent too";
        await _lab.ConfigureAsync("vault", r => r with { RefreshSecrets = ["all"] });
        Assert.Equal(("sent", "sent too"), (_lab.Secrets["charly-vault-license"], _lab.Secrets["charly-vault-db-password"]));
        Assert.Contains("Secret=charly-vault-license,type=env,target=LICENSE\n", File.ReadAllText(_lab.Quadlet("charly-vault.container")), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("env:NOT_SET", "NOT_SET")]
    [InlineData("file:/no/such/file", "/no/such/file")]
    public async Task An_override_whose_source_is_missing_is_an_error_with_its_place_and_never_a_fallback(string source, string named)
    {
        _lab.Variables["LICENSE"] = "x";
        _lab.Variables["DB_PASSWORD"] = "fallback";
        _lab.Write($"deploy:\n  vault:\n    box: vault\n    secret:\n    - {{name: db-password, source: '{source}'}}\n");
        var before = _lab.Photograph();
        var error = await Assert.ThrowsAsync<CharlyException>(() => _lab.ConfigureAsync("vault"));
        Assert.Equal(Errors.PodSecret, error.Code);
        Assert.Contains(named, error.Message, StringComparison.Ordinal);
        Assert.Equal(5, error.Position?.Line);
        Assert.Equal(before, _lab.Photograph());
        Assert.Empty(_lab.Secrets);
    }

    [Fact]
    public async Task A_credential_written_in_plain_text_moves_to_the_store_and_the_file_is_copied_first()
    {
        _lab.Write($"deploy:\n  vault:\n    box: vault\n    env: [\"LICENSE={Canary}\", KEEP=1]\n");
        await _lab.ConfigureAsync("vault");
        Assert.DoesNotContain(Canary, _lab.Entry, StringComparison.Ordinal);
        Assert.Contains("KEEP=1", _lab.Entry, StringComparison.Ordinal);
        Assert.Equal(Canary, _lab.Secrets["charly-vault-license"]);
        Assert.Contains(Canary, File.ReadAllText(Assert.Single(Directory.GetFiles(Path.GetDirectoryName(_lab.HostFile)!, "charly.yml.bak.*"))), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_required_credential_without_value_names_the_command_that_sets_it()
    {
        var before = _lab.Photograph();
        var error = await Assert.ThrowsAsync<CharlyException>(() => _lab.ConfigureAsync("vault"));
        Assert.Equal(Errors.PodRequirement, error.Code);
        Assert.Equal("Run: charly secrets set charly/licence vault", error.Help);
        Assert.Equal(before, _lab.Photograph());
    }
}
