using OpenCharly.Execution;
using OpenCharly.Foundation;
using OpenCharly.Vms;
using OpenCharly.Vms.Keys;
using OpenCharly.Vms.Qemu;

namespace OpenCharly.Operations;

/// <summary>
/// Makes anew what two machines that wake from one saved state would share: clock, host key, machine id, name, randomness, log-in key.
/// Through the guest's agent where one answers, since that spares a log-in and a sudo; else over ssh, under the saved guest's old key.
/// </summary>
/// <param name="services">The machine's host.</param>
/// <param name="name">The machine that woke.</param>
/// <param name="user">Account in the saved guest that is logged in as.</param>
internal sealed class GuestIdentity(VmServices services, VmName name, string user)
{
    private const int SshFailed = 255;
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    /// <summary>How long an agent that listens may be silent until ssh is tried.</summary>
    internal static readonly TimeSpan AgentLimit = TimeSpan.FromSeconds(20);

    /// <summary>Does it through the guest's agent.</summary>
    /// <param name="socket">The agent's socket.</param>
    /// <param name="limit">How long the agent may be silent.</param>
    /// <param name="keys">The keys of the machine that it becomes.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>Whether it is done; if not, because nobody answers or the agent runs no programs, nothing was changed.</returns>
    /// <exception cref="CharlyException"><see cref="Errors.SnapshotFailed"/> with what the guest said.</exception>
    public async Task<bool> TryRenewByAgentAsync(string socket, TimeSpan limit, GuestKeys keys, CancellationToken cancellationToken)
    {
        GuestAgentClient agent;
        try
        {
            agent = await GuestAgentClient.ConnectAsync(socket, limit, cancellationToken).ConfigureAwait(false);
        }
        catch (IOException e)
        {
            services.Notice(NoticeLevel.Info, $"the guest's agent is of no help, so its identity is made anew over ssh: {e.Message}");
            return false;
        }

        using (agent)
        {
            CommandResult? result;
            try
            {
                result = await agent.RunAsync(await ScriptAsync(keys, cancellationToken).ConfigureAwait(false), Limit, cancellationToken).ConfigureAwait(false);
            }
            catch (IOException e)
            {
                throw Failed($"its agent: {e.Message}");
            }

            if (result is { Succeeded: false }) throw Failed(result.Tail());
            services.Notice(
                result is null ? NoticeLevel.Info : NoticeLevel.Debug,
                result is null ? "the guest's agent runs no programs, so its identity is made anew over ssh" : "the guest's agent made its identity anew");
            return result is not null;
        }
    }

    /// <summary>Does it in one script over ssh, which travels on standard input. The guest is tried without a question before, as it stood ready when it was saved.</summary>
    /// <param name="keys">The keys of the machine that it becomes.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>Null when it is done; what ssh said if the guest could not be reached yet.</returns>
    /// <exception cref="CharlyException"><see cref="Errors.SnapshotFailed"/> with what the guest said.</exception>
    public async Task<string?> RenewBySshAsync(GuestKeys keys, CancellationToken cancellationToken)
    {
        var result = await SshAsync(user == "root" ? "exec sh -s" : "exec sudo -n sh -s", await ScriptAsync(keys, cancellationToken).ConfigureAwait(false), cancellationToken).ConfigureAwait(false);
        if (result.Succeeded) return null;
        return result.ExitCode == SshFailed ? Said(result) : throw Failed(result.Tail());
    }

    /// <summary>Logs in under the new host key; the connection stays open, so that the first command shares it.</summary>
    /// <returns>Null when it is so; what ssh said if not.</returns>
    public async Task<string?> LogInAsync(CancellationToken cancellationToken)
    {
        var result = await SshAsync("true", null, cancellationToken).ConfigureAwait(false);
        return result.Succeeded ? null : Said(result);
    }

    private static string Said(CommandResult result) => result.Tail(1) is { Length: > 0 } said ? said : "no answer";

    private Task<CommandResult> SshAsync(string command, string? input, CancellationToken cancellationToken)
    {
        var line = new SshCommandLine(services.SshAccess.DestinationFor(name), services.Context.Paths);
        return services.Context.Processes.RunAsync(new ProcessRequest("ssh", line.Run(command)) { Input = input, Timeout = Limit }, cancellationToken);
    }

    private async Task<string> ScriptAsync(GuestKeys keys, CancellationToken cancellationToken)
    {
        var privateKey = await File.ReadAllTextAsync(services.Files(name).HostKey, cancellationToken).ConfigureAwait(false);
        return IdentityScript.Render(name, user, services.Context.Environment.Clock.GetUtcNow(), privateKey, keys);
    }

    private CharlyException Failed(string why) => new(
        Errors.SnapshotFailed, $"machine {name} woke, but its identity could not be made anew: {why}", $"Remove it: charly vm destroy {name} --disk", target: name.ToString());
}

/// <summary>The keys of a machine that wakes; public halves only.</summary>
/// <param name="Host">The new host key.</param>
/// <param name="LogIn">Key that may log in from now on; null to leave that as it is.</param>
/// <param name="OldLogIn">Key that no longer may; null to leave it.</param>
internal sealed record GuestKeys(string Host, string? LogIn, string? OldLogIn);
