using System.Net.Sockets;
using System.Net.WebSockets;
using OpenCharly.Foundation;
using OpenCharly.Vms;

namespace OpenCharly.Operations;

/// <summary>Opens the serial console of a virtual machine.</summary>
public sealed class OpenVmConsole
{
    private readonly VmServices _services;

    /// <summary>Makes the operation.</summary>
    /// <param name="context">What it works with.</param>
    public OpenVmConsole(CharlyContext context)
        : this(new VmServices(context))
    {
    }

    internal OpenVmConsole(VmServices services) => _services = services;

    /// <summary>Connects; an empty name means the only machine of the VMFile.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.VmNotFound"/>, <see cref="Errors.VmNotCreated"/>; <see cref="Errors.VmState"/> if it does not
    /// run, its backend has no console, or somebody else is attached.</exception>
    public async Task<VmConsole> RunAsync(string name, CancellationToken cancellationToken = default)
    {
        var vm = await _services.ResolveAsync(name, cancellationToken).ConfigureAwait(false);
        var handle = await _services.RequireHandleAsync(vm, cancellationToken).ConfigureAwait(false);
        var hypervisor = _services.Router.For(handle);
        var live = await hypervisor.StateAsync(handle, cancellationToken).ConfigureAwait(false);
        if (!live.IsOn && hypervisor.Capabilities.Console) throw State(vm, "is not running", $"Start it: charly vm start {vm}");
        var endpoint = hypervisor.Console(handle);
        if (endpoint.Kind == ConsoleKind.None) throw State(vm, $"has no console on the backend {handle.Backend}", "Use ssh, or its log: charly vm log");
        try
        {
            return new VmConsole(vm.ToString(), await ConsoleStream.OpenAsync(endpoint, cancellationToken).ConfigureAwait(false));
        }
        catch (Exception e) when (e is SocketException or WebSocketException or IOException or UnauthorizedAccessException)
        {
            throw State(vm, $"does not answer on its console {endpoint.Address}: {e.Message}", "Somebody else may be attached; the log shows what it says: charly vm log " + vm + " --console");
        }
    }

    private static CharlyException State(VmName vm, string what, string help) => new(Errors.VmState, $"machine {vm} {what}", help, target: vm.ToString());
}

/// <summary>An open serial console.</summary>
public sealed class VmConsole : IDisposable
{
    /// <summary>The byte that detaches: Ctrl+].</summary>
    public const byte Detach = 0x1d;

    private readonly Stream _stream;

    internal VmConsole(string name, Stream stream) => (Name, _stream) = (name, stream);

    /// <summary>The machine.</summary>
    public string Name { get; }

    /// <summary>Passes bytes both ways until Ctrl+] comes or the guest goes off.</summary>
    /// <param name="input">What the person types. A read that gives nothing means that nothing was typed for a while, or, if
    /// <paramref name="endsAtNothing"/>, that the input is over; the output still goes on then.</param>
    /// <param name="output">The terminal.</param>
    /// <param name="endsAtNothing">Whether a read that gives nothing ends the input.</param>
    /// <param name="cancellationToken">Detaches.</param>
    public async Task RunAsync(Stream input, Stream output, bool endsAtNothing, CancellationToken cancellationToken = default)
    {
        using var done = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        await using (_stream.ConfigureAwait(false))
        {
            var reading = CopyAsync(_stream, output, done.Token);

            // Terminals are read synchronously, whatever one asks for.
            var typing = Task.Run(() => TypeAsync(input, _stream, endsAtNothing, done.Token), CancellationToken.None);
            var first = await Task.WhenAny(reading, typing).ConfigureAwait(false);
            if (first == typing && await typing.ConfigureAwait(false) == Typed.Everything) await reading.ConfigureAwait(false);
            await done.CancelAsync().ConfigureAwait(false);
            await reading.ConfigureAwait(false);
        }

        cancellationToken.ThrowIfCancellationRequested();
    }

    /// <inheritdoc/>
    public void Dispose() => _stream.Dispose();

    private static async Task CopyAsync(Stream from, Stream to, CancellationToken cancellationToken)
    {
        var buffer = new byte[4096];
        try
        {
            while (await from.ReadAsync(buffer, cancellationToken).ConfigureAwait(false) is var count and > 0)
            {
                await to.WriteAsync(buffer.AsMemory(0, count), cancellationToken).ConfigureAwait(false);
                await to.FlushAsync(cancellationToken).ConfigureAwait(false);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or WebSocketException || (e is IOException && e.InnerException is SocketException or WebSocketException))
        {
            // Detached, or the guest is off: the end that was waited for.
        }
    }

    private static async Task<Typed> TypeAsync(Stream input, Stream guest, bool endsAtNothing, CancellationToken cancellationToken)
    {
        var buffer = new byte[256];
        while (!cancellationToken.IsCancellationRequested)
        {
            var count = input.Read(buffer, 0, buffer.Length);
            if (count == 0 && endsAtNothing) return Typed.Everything;
            var end = buffer.AsSpan(0, count).IndexOf(Detach);
            await guest.WriteAsync(buffer.AsMemory(0, end < 0 ? count : end), cancellationToken).ConfigureAwait(false);
            if (end >= 0) return Typed.Detach;
        }

        return Typed.Detach;
    }

    private enum Typed
    {
        Everything,
        Detach,
    }
}
