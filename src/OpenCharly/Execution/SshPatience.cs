namespace OpenCharly.Execution;

/// <summary>
/// Runs ssh again where it was turned away: a guest that still sets itself up starts its sshd anew now and then. Whoever is turned
/// away before either side has said who it is has run nothing, and may ask again.
/// </summary>
internal static class SshPatience
{
    private const int SshFailed = 255;
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(40);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    /// <summary>Runs it, and again for up to forty seconds while it is turned away.</summary>
    /// <returns>The last result.</returns>
    public static async Task<CommandResult> RunAsync(IProcessRunner processes, TimeProvider clock, ProcessRequest ssh, CancellationToken cancellationToken)
    {
        var start = clock.GetTimestamp();
        while (true)
        {
            var result = await processes.RunAsync(ssh, cancellationToken).ConfigureAwait(false);
            if (result.ExitCode != SshFailed || !SshFailure.IsTurnedAway(result.StandardError) || clock.GetElapsedTime(start) >= Limit) return result;
            await Task.Delay(Pause, clock, cancellationToken).ConfigureAwait(false);
        }
    }
}
