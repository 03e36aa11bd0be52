param([Parameter(Mandatory)] [string] $Module)

Describe 'Parameters' {
    BeforeAll { Import-Module $Module }

    It 'of wrong values are refused before anything runs: <Line>' -ForEach @(
        @{ Line = 'New-CharlyVm web -Cpus 0'; Id = 'ParameterArgumentValidationError' }
        @{ Line = 'New-CharlyVm ""'; Id = 'ParameterArgumentValidationError' }
        @{ Line = 'Build-CharlyVm web -Type vmdk'; Id = 'ParameterArgumentValidationError' }
        @{ Line = 'Wait-CharlyVm web -For Coffee'; Id = 'CannotConvertArgumentNoMessage' }
        @{ Line = 'Wait-CharlyVm web -TimeoutSec 0'; Id = 'ParameterArgumentValidationError' }
        @{ Line = 'Add-CharlyBundle vm:web -ThrottleLimit 0'; Id = 'ParameterArgumentValidationError' }
        @{ Line = 'Invoke-CharlyVmCommand web uname -Port 70000'; Id = 'ParameterArgumentValidationError' }
        @{ Line = 'Invoke-CharlyPlan "no plan"'; Id = 'CannotConvertArgumentNoMessage' }
        @{ Line = 'Export-CharlyPlan x.json -InputObject 7'; Id = 'CannotConvertArgumentNoMessage' }
    ) {
        [scriptblock]::Create($Line) | Should -Throw -ErrorId "$Id,OpenCharly.PowerShell.Commands.*"
    }

    It 'have the names of the command line as aliases where they differ' {
        (Get-Command Add-CharlyBundle).ResolveParameter('Host').Name | Should -Be 'TargetHost'
        (Get-Command Add-CharlyBundle).ResolveParameter('AddLayer').Name | Should -Be 'AddCandy'
        (Get-Command Get-CharlyVmLog).ResolveParameter('Follow').Name | Should -Be 'Wait'
        (Get-Command New-CharlyVm).ResolveParameter('Memory').Name | Should -Be 'Ram'
    }

    It 'make the same plan, whether it is looked at or applied' {
        $look = (Get-Command Get-CharlyPlan).Parameters.Keys
        $apply = (Get-Command Add-CharlyBundle).Parameters.Keys
        $look | Where-Object { $_ -notin $apply } | Should -BeNullOrEmpty
        $apply | Where-Object { $_ -notin $look } | Sort-Object | Should -Be 'Confirm', 'Disposable', 'DryRun', 'Lifecycle', 'NodeOnly', 'Verify', 'WhatIf'
    }
}
