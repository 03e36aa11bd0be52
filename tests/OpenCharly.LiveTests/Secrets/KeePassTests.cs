using OpenCharly.Execution;
using OpenCharly.Foundation;
using OpenCharly.LiveTests.Support;
using OpenCharly.Model;
using OpenCharly.Operations;

namespace OpenCharly.LiveTests.Secrets;

/// <summary>Secrets in a KeePass file, through the real <c>keepassxc-cli</c> (deploy.md §13.1).</summary>
public sealed class KeePassTests : IAsyncLifetime
{
    private const string Tool = "keepassxc-cli";
    private const string Password = "correct horse battery";

    private readonly string _folder = Directory.CreateTempSubdirectory("charly-kdbx-").FullName;
    private CharlyEnvironment _environment = null!;

    private string Database => Path.Combine(_folder, "my secrets.kdbx");

    private CharlyContext Context => new(_environment);

    public async Task InitializeAsync()
    {
        var real = CharlyEnvironment.FromProcess();
        await File.WriteAllTextAsync(Path.Combine(_folder, "password"), Password + "\n");
        var variables = new Dictionary<string, string>(real.Variables)
        {
            ["HOME"] = _folder, ["XDG_CONFIG_HOME"] = Path.Combine(_folder, ".config"), ["CHARLY_SECRET_BACKEND"] = "kdbx",
            ["CHARLY_SECRET_KDBX_PATH"] = Database, ["CHARLY_KDBX_PASSWORD_FILE"] = Path.Combine(_folder, "password"),
        };
        _environment = real with { Home = _folder, WorkingDirectory = _folder, Variables = variables };
        if (Need.Missing(Tool) is not null) return;
        var made = await Context.Processes.RunAsync(new ProcessRequest(Tool, "db-create", "-q", "-p", Database) { Input = $"{Password}\n{Password}\n" });
        Assert.True(made.Succeeded, made.Tail());
    }

    public Task DisposeAsync()
    {
        Directory.Delete(_folder, recursive: true);
        return Task.CompletedTask;
    }

    [LiveFact(Tool)]
    public async Task Secrets_go_into_a_file_that_KeePassXC_reads_and_come_back_as_they_were()
    {
        const string Odd = "  blank, \"quoted\", $(code), naïve, 秘密 ";
        Assert.Equal(CredentialSource.Kdbx, (await new SetSecret(Context).RunAsync("charly/secret", "TOKEN", "first")).Source);
        await new SetSecret(Context).RunAsync("charly/secret", "TOKEN", Odd);
        await new SetSecret(Context).RunAsync("charly/enc", "desk/lab", "other");
        Assert.Equal(Odd, (await new GetSecrets(Context).ReadAsync("charly/secret", "TOKEN")).Value);
        Assert.Equal("other", (await new GetSecrets(Context).ReadAsync("charly/enc", "desk/lab")).Value);

        var seen = await Context.Processes.RunAsync(new ProcessRequest(Tool, "export", "-q", "-f", "csv", Database) { Input = Password + "\n", Variables = new Dictionary<string, string?> { ["LC_ALL"] = "C.UTF-8" } });
        Assert.Contains("/charly/secret\",\"TOKEN\"", seen.StandardOutput, StringComparison.Ordinal);
        Assert.Contains("秘密 \"", seen.StandardOutput, StringComparison.Ordinal);
        Assert.DoesNotContain("first", seen.StandardOutput, StringComparison.Ordinal);

        await new SetSecret(Context).RemoveAsync("charly/secret", "TOKEN");
        Assert.Equal(Errors.SecretMissing, (await Assert.ThrowsAsync<CharlyException>(() => new GetSecrets(Context).ReadAsync("charly/secret", "TOKEN"))).Code);
        Assert.Equal(["charly/enc/desk/lab"], new GetSecrets(Context).List().Select(n => n.Name));
    }

    [LiveFact(Tool)]
    public async Task A_wrong_password_is_told_from_a_missing_secret()
    {
        Assert.Equal(Errors.SecretMissing, (await Assert.ThrowsAsync<CharlyException>(() => new GetSecrets(Context).ReadAsync("charly/secret", "NONE"))).Code);
        await File.WriteAllTextAsync(Path.Combine(_folder, "password"), "wrong");
        var error = await Assert.ThrowsAsync<CharlyException>(() => new GetSecrets(Context).ReadAsync("charly/secret", "NONE"));
        Assert.Equal((Errors.SecretStore, $"the password does not open {Database}"), (error.Code, error.Message));
        await Assert.ThrowsAsync<CharlyException>(() => new SetSecret(Context).RunAsync("charly/secret", "NONE", "value"));
    }

    [LiveFact(Tool)]
    public async Task Values_that_are_kept_at_the_same_time_are_all_kept()
    {
        var items = Enumerable.Range(1, 4).Select(i => $"ITEM_{i}").ToArray();
        await Task.WhenAll(items.Select(i => new SetSecret(Context).RunAsync("charly/secret", i, "value of " + i)));
        foreach (var item in items) Assert.Equal("value of " + item, (await new GetSecrets(Context).ReadAsync("charly/secret", item)).Value);
        Assert.Equal(items.Select(i => "charly/secret/" + i), new GetSecrets(Context).List().Select(n => n.Name));
    }
}
