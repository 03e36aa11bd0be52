using OpenCharly.Execution;
using OpenCharly.Foundation;

namespace OpenCharly.LiveTests.Support;

/// <summary>
/// Throw-away accounts of this machine, and a <see cref="LoopbackSshd"/> that lets them in: one with passwordless sudo
/// as Debian 12 sets it up, one with <c>use_pty</c> as Debian 13 does, one with <c>log_input</c>, where sudo stands
/// between the streams, and one without sudo. Needs root.
/// </summary>
public sealed class SudoUsers : IAsyncLifetime
{
    private static readonly string[] Kinds = ["plain", "pty", "logged", "none"];

    private readonly string _suffix = Leftovers.NewSuffix();
    private readonly ProcessRunner _programs = new(CharlyEnvironment.FromProcess());

    /// <summary>What tests of sudo need.</summary>
    public static readonly string[] Needs = ["root", "sshd", "sudo", "useradd", "userdel"];

    /// <summary>The server.</summary>
    public LoopbackSshd Server { get; } = new();

    /// <summary>The account of a kind: <c>plain</c>, <c>pty</c>, <c>logged</c>, <c>none</c>.</summary>
    public string Name(string kind) => $"ch-{kind}-{_suffix}";

    /// <summary>An executor that logs in as the account of that kind.</summary>
    public SshExecutor Executor(string kind) => Server.Executor(Name(kind));

    /// <inheritdoc/>
    public async Task InitializeAsync()
    {
        if (Need.Missing(Needs) is not null) return;
        await Leftovers.SweepAccountsAsync(Kinds);
        foreach (var kind in Kinds)
        {
            await RunAsync("useradd", "--create-home", "--shell", "/bin/bash", "--password", "*", Name(kind));
        }

        AtomicFile.Write(
            Leftovers.Sudoers(_suffix),
            $"""
            Defaults:{Name("plain")} !use_pty
            Defaults:{Name("pty")} use_pty
            Defaults:{Name("logged")} use_pty, log_input, log_output, iolog_dir={Server.At("iolog")}
            {Name("plain")} ALL=(ALL:ALL) NOPASSWD: ALL
            {Name("pty")} ALL=(ALL:ALL) NOPASSWD: ALL
            {Name("logged")} ALL=(ALL:ALL) NOPASSWD: ALL

            """,
            UnixFileMode.UserRead | UnixFileMode.GroupRead);
        await Server.InitializeAsync();
    }

    /// <inheritdoc/>
    public async Task DisposeAsync()
    {
        await Server.DisposeAsync();
        if (Need.Missing(Needs) is null) await Leftovers.RemoveAccountsAsync(_suffix, Kinds);
    }

    private async Task RunAsync(string program, params string[] arguments)
    {
        var result = await _programs.RunAsync(new ProcessRequest(program, arguments));
        if (!result.Succeeded) throw new InvalidOperationException($"{program}: {result.Tail()}");
    }
}
