namespace OpenCharly.Arbitration;

/// <summary>Starts, stops and looks at deployments for the arbiter.</summary>
public interface IHolderControl
{
    /// <summary>Whether it really runs now.</summary>
    Task<bool> IsRunningAsync(DeployAddress address, CancellationToken cancellationToken);

    /// <summary>Asks it to shut down, as gracefully as it can; it may still be about to when this returns.</summary>
    Task StopAsync(DeployAddress address, CancellationToken cancellationToken);

    /// <summary>Starts it.</summary>
    Task StartAsync(DeployAddress address, CancellationToken cancellationToken);
}
