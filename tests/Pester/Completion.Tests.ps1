param([Parameter(Mandatory)] [string] $Module)

Describe 'Completion' {
    BeforeAll {
        Import-Module (Join-Path $PSScriptRoot 'TestKit.psm1') -Force
        Import-Module $Module
        $old = Use-TestHome (New-TestHome (Join-Path $TestDrive 'home'))
        $project = Join-Path $TestDrive 'project'
        New-TestProject $project
        New-TestDisk $project web
        Push-Location $project
        $null = New-CharlyVm web
    }

    AfterAll {
        Pop-Location
        Reset-TestHome $old
    }

    It 'offers machines that exist: <Line>' -ForEach @(
        @{ Line = 'Get-CharlyVm ' }
        @{ Line = 'Start-CharlyVm w' }
        @{ Line = 'Stop-CharlyVm -Name W' }
        @{ Line = 'Wait-CharlyVm "w' }
        @{ Line = 'Enter-CharlyVm ' }
        @{ Line = 'Get-CharlyVmLog db, w' }
    ) {
        (Get-Completion $Line).ListItemText | Should -Be 'web'
    }

    It 'offers machines as the beginning of a path, and files here: <Line>' -ForEach @(
        @{ Line = 'Copy-CharlyVmItem w'; Names = 'web:' }
        @{ Line = 'Copy-CharlyVmItem ./charly.yml w'; Names = 'web:' }
        @{ Line = 'Copy-CharlyVmItem charly'; Names = 'charly.yml' }
    ) {
        (Get-Completion $Line).ListItemText | Should -Be $Names
    }

    It 'tells the state of a machine beside its name' {
        (Get-Completion 'Get-CharlyVm w').ToolTip | Should -Match 'Prepared'
    }

    It 'offers machines of the project to those who make them: <Line>' -ForEach @(
        @{ Line = 'New-CharlyVm ' }
        @{ Line = 'Build-CharlyVm ' }
    ) {
        (Get-Completion $Line).CompletionText | Should -Be 'db', 'web'
    }

    It 'offers deployments: <Line>' -ForEach @(
        @{ Line = 'Get-CharlyBundle ' }
        @{ Line = 'Remove-CharlyBundle ' }
        @{ Line = 'Repair-CharlyBundle ' }
        @{ Line = 'Add-CharlyBundle ' }
        @{ Line = 'Get-CharlyPlan ' }
        @{ Line = 'Get-CharlyLedger ' }
    ) {
        (Get-Completion $Line).CompletionText | Should -Be 'vm:web', 'workstation'
    }

    It 'offers candies: <Line>' -ForEach @(
        @{ Line = 'Add-CharlyBundle vm:web '; Names = 'daemon', 'editor', 'greeting' }
        @{ Line = 'Add-CharlyBundle vm:web -Ref e'; Names = 'editor' }
        @{ Line = 'Get-CharlyPlan vm:web editor -AddCandy greeting, d'; Names = 'daemon' }
    ) {
        (Get-Completion $Line).CompletionText | Should -Be $Names
    }

    It 'offers images of this machine''s podman, each once' {
        $programs = New-Item -ItemType Directory (Join-Path $TestDrive 'programs')
        Set-Content (Join-Path $programs 'podman') "#!/bin/sh`nprintf '2\tlocalhost/shop:2\n1\tlocalhost/shop:1\n1\tlocalhost/shop:1\n0\t<none>:<none>\n'"
        chmod +x (Join-Path $programs 'podman')
        $path = $env:PATH
        $env:PATH = "${programs}:$path"
        try { (Get-Completion 'Copy-CharlyBoxToVm web l').CompletionText | Should -Be 'localhost/shop:1', 'localhost/shop:2' }
        finally { $env:PATH = $path }
    }

    It 'says what a candy is' {
        (Get-Completion 'Add-CharlyBundle vm:web g').ToolTip | Should -Be 'A greeting below the home folder'
    }

    It 'offers the values of enums and sets' {
        (Get-Completion 'Wait-CharlyVm web -For ').CompletionText | Should -Be 'CloudInit', 'Ssh', 'Stopped'
        (Get-Completion 'Build-CharlyVm web -Type ').CompletionText | Should -Be 'qcow2', 'raw'
    }

    It 'shows the HelpMessage of a parameter' {
        (Get-Completion 'Wait-CharlyVm -Time').ToolTip | Should -Match 'How many seconds to wait'
    }

    It 'offers nothing, and fails nothing, outside of a project' {
        Push-Location (New-Item -ItemType Directory (Join-Path $TestDrive 'empty'))
        try {
            $Error.Clear()
            (Get-Completion 'Add-CharlyBundle vm:web zzz').CompletionText | Should -BeNullOrEmpty
            $Error | Should -BeNullOrEmpty
        }
        finally { Pop-Location }
    }
}
