using OpenCharly.Model;

namespace OpenCharly.Checks.Probes;

/// <summary>Turns checks whose variables are filled in into probes.</summary>
internal static class ProbeFactory
{
    /// <summary>The probe of a check; null for one that needs no machine, or none that is there.</summary>
    /// <param name="filled">The check.</param>
    /// <param name="place">The place.</param>
    /// <param name="candy">The candy that it comes from.</param>
    /// <param name="background">The number of the task that started a background check, by its id.</param>
    public static Probe? For(FilledCheck filled, CheckPlace place, string candy, IReadOnlyDictionary<string, int> background) => filled.Check switch
    {
        FileCheck file => new FileProbe(file, place.Facts.Home),
        CommandCheck command => new CommandProbe(command, filled.Exports),
        PackageCheck package when place.Facts.Format is not null => new PackageProbe(package, place.Facts),
        ServiceCheck service => new ServiceProbe(service, candy),
        PortCheck port => new PortProbe(port),
        AddressCheck address => new AddressProbe(address),
        HttpCheck http => new HttpProbe(http),
        ProcessCheck process => new ProcessProbe(process),
        UserCheck user => new UserProbe(user),
        GroupCheck group => new GroupProbe(group),
        DnsCheck dns => new DnsProbe(dns),
        InterfaceCheck network => new InterfaceProbe(network),
        MountCheck mount => new MountProbe(mount),
        KernelParameterCheck parameter => new KernelParameterProbe(parameter),
        KillCheck kill when background.TryGetValue(kill.Target, out var number) => new KillProbe(kill, number),
        _ => null,
    };
}
