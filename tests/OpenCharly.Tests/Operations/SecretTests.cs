using OpenCharly.Foundation;
using OpenCharly.Model;
using OpenCharly.Operations;
using OpenCharly.Plans;

namespace OpenCharly.Tests.Operations;

public sealed class SecretTests : IDisposable
{
    private const string Canary = "canary-5d41402abc4b2a76";

    // Looks for the secret wherever other accounts, or later readers, could see it; uses nothing but bash itself.
    private const string Watcher =
        """
          secret_accept: [{name: WX_TOKEN, description: Token, key: charly/wx/token}]
          task:
            - user: ${USER}
              cmd: |
                seen=
                for file in /proc/[0-9]*/cmdline; do
                  mapfile -d '' words 2>/dev/null <"$file" || continue
                  if [[ "${words[*]}" == *"$WX_TOKEN"* ]]; then seen+="argv of $file; "; fi
                done
                shopt -s globstar dotglob nullglob
                for file in ~/.config/** /tmp/sh-*; do
                  if [[ -f $file && "$(tr -d '\0' <"$file")" == *"$WX_TOKEN"* ]]; then seen+="$file; "; fi
                done
                printf 'the token is %s\n' "$WX_TOKEN"
                printf %s "$WX_TOKEN" >~/token
                printf %s "$seen" >~/seen

        """;

    private readonly BundleLab _lab = new();

    public void Dispose() => _lab.Dispose();

    [Fact]
    public async Task A_secret_reaches_its_task_and_neither_argv_log_plan_journal_nor_ledger()
    {
        _lab.WriteCandy("wx", Watcher);
        _lab.Set("WX_TOKEN", Canary);
        var added = await new AddBundle(_lab.Context).RunAsync(BundleLab.Request("wx"));
        Assert.True(added.Failure is null, added.Failure?.ToString());
        Assert.Equal(Canary, await File.ReadAllTextAsync(Path.Combine(_lab.Home, "token")));
        Assert.Equal("", await File.ReadAllTextAsync(Path.Combine(_lab.Home, "seen")));
        Assert.Equal("the token is ***\n", added.Steps[^1].Output);
        Assert.DoesNotContain(Canary, PlanJson.Write(added.Plan!), StringComparison.Ordinal);
        Assert.Contains("WX_TOKEN", PlanJson.Write(added.Plan!), StringComparison.Ordinal);
        Assert.DoesNotContain(_lab.Events, e => e.ToString().Contains(Canary, StringComparison.Ordinal));
        foreach (var file in Directory.GetFiles(_lab.At("."), "*", SearchOption.AllDirectories).Where(f => !f.EndsWith("/home/token", StringComparison.Ordinal)))
        {
            Assert.DoesNotContain(Canary, await File.ReadAllTextAsync(file), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_secret_that_is_accepted_and_nowhere_to_be_found_is_not_set()
    {
        _lab.WriteCandy("wx", "  secret_accept: [{name: WX_TOKEN, description: Token}]\n  task: [{cmd: 'echo \"${WX_TOKEN-none}\" >~/token', user: '${USER}'}]\n");
        Assert.Null((await new AddBundle(_lab.Context).RunAsync(BundleLab.Request("wx"))).Failure);
        Assert.Equal("none\n", await File.ReadAllTextAsync(Path.Combine(_lab.Home, "token")));
    }

    [Fact]
    public async Task A_secret_that_is_required_is_made_up_once_and_kept_for_its_owner_alone()
    {
        _lab.WriteCandy("wx", "  secret_require: [{name: WX_TOKEN, description: Token, key: charly/wx/token}]\n  task: [{cmd: 'printf %s \"$WX_TOKEN\" >~/token', user: '${USER}'}]\n");
        Assert.Null((await new AddBundle(_lab.Context).RunAsync(BundleLab.Request("wx"))).Failure);
        var first = await File.ReadAllTextAsync(Path.Combine(_lab.Home, "token"));
        Assert.Matches("^[0-9a-f]{64}$", first);
        Assert.Equal(AtomicFile.Private, File.GetUnixFileMode(_lab.Context.Paths.SettingsFile));
        Assert.DoesNotContain(_lab.Events, e => e.ToString().Contains(first, StringComparison.Ordinal));

        Assert.Null((await new AddBundle(_lab.Context).RunAsync(BundleLab.Request("wx", force: true))).Failure);
        Assert.Equal(first, await File.ReadAllTextAsync(Path.Combine(_lab.Home, "token")));
        _lab.Set("WX_TOKEN", "from the environment");
        Assert.Null((await new AddBundle(_lab.Context).RunAsync(BundleLab.Request("wx", force: true))).Failure);
        Assert.Equal("from the environment", await File.ReadAllTextAsync(Path.Combine(_lab.Home, "token")));
    }

    [Fact]
    public async Task A_dry_run_makes_up_nothing()
    {
        _lab.WriteCandy("wx", "  secret_require: [{name: WX_TOKEN, description: Token}]\n  task: [{cmd: 'true', user: '${USER}'}]\n");
        var plan = await new CompilePlan(_lab.Context).RunAsync(BundleLab.Request("wx"));
        Assert.Equal([new PlanSecret("WX_TOKEN", "charly/secret/WX_TOKEN", true)], plan.Secrets);
        Assert.Equal(plan.Secrets, PlanJson.Read(PlanJson.Write(plan)).Single().Secrets);
        Assert.False(File.Exists(_lab.Context.Paths.SettingsFile));
    }

    [Fact]
    public async Task A_keyring_that_is_insisted_on_and_does_not_answer_is_an_error()
    {
        _lab.Set("CHARLY_SECRET_BACKEND", "keyring");
        var store = new CredentialStore(_lab.Context.Environment, _lab.Context.Paths, _lab.Context.Processes);
        var error = await Assert.ThrowsAsync<CharlyException>(() => store.SetAsync(new CredentialAddress("charly/wx", "token"), Canary));
        Assert.Equal(Errors.SecretStore, error.Code);
        Assert.DoesNotContain(Canary, error.ToString(), StringComparison.Ordinal);
        Assert.Equal(Errors.SecretStore, (await Assert.ThrowsAsync<CharlyException>(() => store.FindAsync(new CredentialAddress("charly/wx", "token"), null))).Code);
    }
}
